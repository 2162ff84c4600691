using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>Runs in lists, and in one line.</summary>
static class RunView
{
    static readonly Column[] Columns = ["ID", "JOB", "STATUS", "ATTEMPT", new("TRIGGER", Cut: true), "CREATED", new("DURATION", Right: true)];

    public static string List(JsonElement runs, View view) => TextTable.Render(Columns, [.. runs.Items().Select(run => new Cell[]
    {
        run.Text("id"),
        run.Text("job_id"),
        Cell.Status(run.Text("status")),
        run.Text("max_attempts") is { } most ? $"{Attempt(run)}/{most}" : Attempt(run),
        Trigger(run),
        view.Ago(run.Time("created_at")),
        Duration(run, view.Now),
    })], view);

    /// <summary>What a command did: the run it made or changed.</summary>
    public static string Line(JsonElement run, View view)
    {
        var later = run.Time("run_at") is { } at && at > view.Now ? $"  at {view.Exact(at)}" : "";
        var more = run.Text("retry_of") is { } old ? $"  (retry of {old})" : later;
        return $"{view.Paint.Bold(run.Text("id") ?? "run")}  {run.Text("job_id")}  {view.Paint.Status(run.Text("status") ?? "unknown")}{more}\n";
    }

    public static string? Attempt(JsonElement run) => run.Text("attempt");

    public static string? Trigger(JsonElement run)
    {
        if (run.Field("trigger") is not { } trigger) return null;
        return trigger.ValueKind == JsonValueKind.String
            ? run.Text("trigger")
            : trigger.Text("id") is { } id ? $"{trigger.Text("kind")} {id}" : trigger.Text("kind");
    }

    /// <summary>As the API says it; of a run that goes on, the time since its start.</summary>
    public static string? Duration(JsonElement run, DateTimeOffset now)
    {
        if (run.Milliseconds("duration_ms") is { } took) return Durations.Format(took);
        var goesOn = !RunStatus.IsFinal(run.Text("status"));
        return goesOn && run.Time("started_at") is { } start && now > start ? $"{Durations.Format(now - start)} so far" : null;
    }
}
