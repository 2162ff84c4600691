using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Events;

static class EventView
{
    static readonly Column[] Columns = ["ID", "TOPIC", "STATUS", "CREATED", new("PAYLOAD", Cut: true)];

    public static string List(JsonElement events, View view) => TextTable.Render(Columns, [.. events.Items().Select(e => new Cell[]
    {
        e.Text("id"),
        e.Text("topic"),
        Cell.Status(e.Text("status")),
        view.Ago(e.Time("created_at") ?? e.Time("emitted_at") ?? e.Time("at")),
        e.Field("payload")?.Compact(),
    })], view);

    public static string Line(JsonElement e, View view) => $"emitted {e.Text("topic")}  {view.Paint.Bold(e.Text("id") ?? "")}\n";
}
