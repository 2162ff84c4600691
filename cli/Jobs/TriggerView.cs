using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

static class TriggerView
{
    static readonly Column[] Columns = ["ID", "KIND", new("STARTS ON", Cut: true), "STATUS", "NEXT", "CREATED"];

    public static string List(JsonElement triggers, View view) => TextTable.Render(Columns, [.. triggers.Items().Select(trigger => new Cell[]
    {
        trigger.Text("id"),
        Kind(trigger),
        StartsOn(trigger),
        Cell.Status(Status(trigger)),
        view.Ago(Next(trigger)),
        view.Ago(trigger.Time("created_at")),
    })], view);

    public static string Detail(JsonElement trigger, View view) => view.Details($"{view.Paint.Bold(trigger.Text("id") ?? "trigger")}  {Kind(trigger)}",
    [
        ("topic", trigger.Text("topic")),
        ("schedule", trigger.Text("schedule")),
        ("timezone", trigger.Text("timezone")),
        ("fires", trigger.Text("description")),
        ("misfire", trigger.Text("misfire") is { } misfire ? $"{misfire}, within {trigger.Text("misfire_window")}" : null),
        ("overlap", trigger.Text("overlap")),
        ("jitter", trigger.Text("jitter") is { } jitter && jitter != "0ms" ? jitter : null),
        ("status", trigger.Text("paused") == "true" ? view.Paint.Status("paused") : null),
        ("path", trigger.Text("path")),
        ("methods", trigger.Field("methods")?.Items() is { } methods ? string.Join(", ", methods.Select(x => x.GetString())) : null),
        ("verify", trigger.Field("verify") is { } verify ? $"{verify.Text("type")} in {verify.Text("header")}" : null),
        ("expires", view.Exact(trigger.Time("expires_at"))),
        ("table", trigger.Text("table")),
        ("on", trigger.Field("events")?.Items() is { } events ? string.Join(", ", events.Select(x => x.GetString())) : null),
        ("when", trigger.Field("when")?.Compact()),
        ("database", trigger.Text("database")),
        // The API shows it in this one answer and never again, but that of a path, which is no secret.
        ("url", trigger.Text("url") is { } url ? trigger.Text("path") is null ? $"{url}  {view.Paint.Dim("(shown only now: keep it)")}" : url : null),
        ("payload", trigger.Field("payload")?.Compact()),
        ("next", view.Exact(Next(trigger))),
    ]);

    static string? Kind(JsonElement trigger) => trigger.Text("kind") ?? trigger.Text("type");

    static string Status(JsonElement trigger) => trigger.Text("status") ?? (trigger.Text("paused") == "true" ? "paused" : "active");

    static DateTimeOffset? Next(JsonElement trigger) => trigger.Time("next_fire_at") ?? trigger.Time("next_at");

    static string? StartsOn(JsonElement trigger) => (trigger.Text("schedule") ?? trigger.Text("text")) is { } schedule
        ? trigger.Text("timezone") is { } zone && zone != "UTC" ? $"{schedule} ({zone})" : schedule
        : trigger.Text("topic") ?? trigger.Text("path") ?? trigger.Text("table");
}
