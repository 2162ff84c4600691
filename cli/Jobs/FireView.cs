using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

static class FireView
{
    static readonly Column[] Ledger = ["TIME", "OUTCOME", "RUN", new("REASON", Cut: true)];
    static readonly Column[] Times = ["AT", "LOCAL", "", new("NOTE", Cut: true)];

    public static string List(JsonElement fires, View view) => TextTable.Render(Ledger, [.. fires.Items().Select(fire => new Cell[]
    {
        fire.Text("nominal_at"),
        Cell.Status(fire.Text("outcome")),
        fire.Text("run_id"),
        fire.Text("reason"),
    })], view);

    public static string Preview(JsonElement preview, View view) =>
        $"{view.Paint.Bold(preview.Text("description") ?? "")}\n" + TextTable.Render(Times, [.. preview.Items("fires").Select(fire => new Cell[]
        {
            fire.Text("at"),
            fire.Text("local"),
            view.Ago(fire.Time("at")),
            fire.Text("note") ?? "",
        })], view);
}
