using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

static class DeliveryView
{
    static readonly Column[] Columns = ["ID", "RECEIVED", "VERDICT", "STATUS", "RUN", new("SIZE", Right: true), new("DELIVERY", Cut: true)];

    public static string List(JsonElement deliveries, View view) => TextTable.Render(Columns, [.. deliveries.Items().Select(delivery => new Cell[]
    {
        delivery.Text("id"),
        view.Ago(delivery.Time("received_at")),
        delivery.Text("reason") is { } reason ? $"{delivery.Text("verdict")} ({reason})" : delivery.Text("verdict"),
        delivery.Text("status"),
        delivery.Text("run_id"),
        delivery.Text("size"),
        delivery.Text("delivery_id"),
    })], view);

    public static string Started(JsonElement answer, View view) => $"{answer.Text("run_id")}\n";
}
