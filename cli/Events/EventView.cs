using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Events;

static class EventView
{
    static readonly Column[] Columns = ["ID", "TOPIC", "STATUS", "CREATED", new("PAYLOAD", Cut: true)];
    static readonly Column[] DeliveryColumns = ["RUN", "JOB", "TRIGGER", "CREATED", "REPLAY"];

    public static string List(JsonElement events, View view) => TextTable.Render(Columns, [.. events.Items().Select(e => new Cell[]
    {
        e.Text("id"),
        e.Text("topic"),
        Cell.Status(Status(e)),
        view.Ago(e.Time("created_at") ?? e.Time("emitted_at") ?? e.Time("at")),
        e.Field("payload")?.Compact(),
    })], view);

    public static string Line(JsonElement e, View view) => $"emitted {e.Text("topic")}  {view.Paint.Bold(e.Text("id") ?? "")}\n";

    /// <summary>One event with its payload, and below it the runs that it has started.</summary>
    public static string Whole(JsonElement e, View view)
    {
        var details = view.Details(view.Paint.Bold(e.Text("id") ?? ""),
            [("topic", e.Text("topic")), ("emitted", view.Exact(e.Time("emitted_at"))), ("by", e.Text("source_run_id")), ("payload", e.Field("payload")?.Compact() ?? "null")]);
        var runs = e.Items("delivered_to") is { Count: > 0 } ? Deliveries(e.Field("delivered_to")!.Value, view) : "it has started no run\n";
        return $"{details}\n{runs}";
    }

    public static string Deliveries(JsonElement deliveries, View view) => TextTable.Render(DeliveryColumns, [.. deliveries.Items().Select(x => new Cell[]
    {
        x.Text("run_id"), x.Text("job"), x.Text("trigger_id"), view.Ago(x.Time("created_at")), x.Text("replay_id"),
    })], view);

    static string? Status(JsonElement e) => e.Text("status") ?? (e.Number("deliveries") is { } count ? count > 0 ? "consumed" : "unconsumed" : null);
}
