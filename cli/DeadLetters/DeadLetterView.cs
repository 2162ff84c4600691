using System.Text.Json;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Runs;

namespace ReactorJobs.Cli.DeadLetters;

static class DeadLetterView
{
    static readonly Column[] Columns = ["ID", "RUN", "STATUS", new("ATTEMPTS", Right: true), "CREATED", new("ERROR", Cut: true)];

    public static string List(JsonElement letters, View view) => TextTable.Render(Columns, [.. letters.Items().Select(letter => new Cell[]
    {
        letter.Text("id"),
        letter.Text("run_id"),
        Cell.Status(letter.Text("status")),
        letter.Field("attempts") is { ValueKind: JsonValueKind.Array } attempts ? $"{attempts.GetArrayLength()}" : letter.Text("attempts"),
        view.Ago(letter.Time("created_at")),
        letter.Field("error") is { } error ? RunErrorText.Short(error) : null,
    })], view);

    /// <summary>The new runs, or how many there are: a bulk answer may be either.</summary>
    public static string Retried(JsonElement answer, View view)
    {
        if (answer.ValueKind == JsonValueKind.Array) return RunView.List(answer, view);
        var runs = answer.Field("runs") ?? default;
        return runs.ValueKind == JsonValueKind.Array && runs.Items().All(r => r.ValueKind == JsonValueKind.Object)
            ? RunView.List(runs, view)
            : $"{answer.Text("count") ?? answer.Text("retried") ?? $"{answer.Items("ids").Count}"} retried\n";
    }

    public static bool IsOpen(JsonElement letter) => letter.Text("status") is not ("retried" or "discarded");
}
