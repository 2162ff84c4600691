using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

static class JobView
{
    static readonly Column[] Columns =
        ["NAME", new("RUNS", Cut: true), "STATUS", new("ATTEMPTS", Right: true), "TIMEOUT", new("CONCURRENCY", Right: true), "TRIGGERS", "CREATED"];

    public static string List(JsonElement jobs, View view) => TextTable.Render(Columns, [.. jobs.Items().Select(job => new Cell[]
    {
        job.Identity(),
        Runs(job),
        Cell.Status(Status(job)),
        Attempts(job),
        Timeout(job),
        job.Text("max_concurrency"),
        Kinds(job),
        view.Ago(job.Time("created_at")),
    })], view);

    public static string Detail(JsonElement job, View view)
    {
        var title = $"{view.Paint.Bold(job.Identity() ?? "job")}  {view.Paint.Status(Status(job))}";
        var retry = job.Field("retry") ?? default;
        var text = view.Details(title,
        [
            ("display name", job.Text("id") is not null && job.Text("name") != job.Text("id") ? job.Text("name") : null),
            ("runs", Runs(job)),
            ("attempts", Attempts(job)),
            ("backoff", retry.Text("backoff") is { } kind ? Backoff(kind, retry) : null),
            ("timeout", Timeout(job)),
            ("concurrency", job.Text("max_concurrency")),
            ("created", view.Exact(job.Time("created_at"))),
            ("updated", view.Exact(job.Time("updated_at"))),
        ]);
        return job.Items("triggers").Count == 0 ? text : $"{text}\n{TriggerView.List(job.Field("triggers")!.Value, view)}";
    }

    static string Status(JsonElement job) => job.Text("status") ?? (job.Text("paused") == "true" ? "paused" : "active");

    static string? Runs(JsonElement job) => job.Text("function_name") ?? job.Text("handler") ?? job.Text("component_id");

    static string? Attempts(JsonElement job) => (job.Field("retry") ?? default).Text("max_attempts") ?? job.Text("max_attempts");

    static string? Timeout(JsonElement job) => job.Milliseconds("timeout_ms") is { } limit ? Durations.Format(limit) : null;

    static string Backoff(string kind, JsonElement retry)
    {
        if (retry.Milliseconds("initial_delay_ms") is not { } first) return kind;
        var most = retry.Milliseconds("max_delay_ms") is { } max ? $" to {Durations.Format(max)}" : "";
        return $"{kind}, {Durations.Format(first)}{most}";
    }

    static string? Kinds(JsonElement job) => job.Items("triggers") is { Count: > 0 } triggers
        ? string.Join(", ", triggers.GroupBy(t => t.Text("kind") ?? "?").Select(g => g.Count() == 1 ? g.Key : $"{g.Count()} {g.Key}"))
        : null;
}
