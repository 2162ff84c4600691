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
        ("path", trigger.Text("path")),
        ("table", trigger.Text("table")),
        // The API shows it in this one answer and never again.
        ("url", trigger.Text("url") is { } url ? $"{url}  {view.Paint.Dim("(shown only now: keep it)")}" : null),
        ("payload", trigger.Field("payload")?.Compact()),
        ("next", view.Exact(Next(trigger))),
    ]);

    static string? Kind(JsonElement trigger) => trigger.Text("kind") ?? trigger.Text("type");

    static string Status(JsonElement trigger) => trigger.Text("status") ?? (trigger.Text("paused") == "true" ? "paused" : "active");

    static DateTimeOffset? Next(JsonElement trigger) => trigger.Time("next_fire_at") ?? trigger.Time("next_at");

    static string? StartsOn(JsonElement trigger) => trigger.Text("schedule") is { } schedule
        ? trigger.Text("timezone") is { } zone && zone != "UTC" ? $"{schedule} ({zone})" : schedule
        : trigger.Text("topic") ?? trigger.Text("path") ?? trigger.Text("table");
}
