using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Deploying;

/// <summary>One line of a plan, or of what came of it.</summary>
/// <param name="Kind"><c>function</c> or <c>job</c>.</param>
/// <param name="Action">To be done: <c>create</c>, <c>update</c>, <c>apply</c>, <c>none</c>; done: <c>created</c>, <c>updated</c>,
/// <c>unchanged</c>, <c>failed</c>, <c>skipped</c>.</param>
/// <param name="Version">Of a function: what is live then.</param>
sealed record DeployRow(string Kind, string Name, string Action, string? Version = null)
{
    public const string Function = "function";
    public const string Job = "job";

    static readonly Column[] Columns = ["KIND", "NAME", "ACTION", new("VERSION", Right: true)];

    public static string Table(JsonElement rows, View view) => TextTable.Render(Columns, [.. rows.Items().Select(row => new Cell[]
    {
        row.Text("kind"),
        row.Text("id"),
        new(row.Text("action") ?? "-", ToneOf(row.Text("action"))),
        row.Text("version") ?? "",
    })], view);

    static Tone ToneOf(string? action) => action switch
    {
        "failed" => Tone.Bad,
        "created" or "updated" => Tone.Good,
        "skipped" or "unchanged" or "none" => Tone.Dim,
        _ => Tone.Plain,
    };

    /// <summary>As one answer of the API would be, so that every output format has it.</summary>
    public static ApiAnswer Answer(IEnumerable<DeployRow> rows) => ApiAnswer.Of(new JsonArray([.. rows.Select(row => new JsonObject
    {
        ["kind"] = row.Kind,
        ["id"] = row.Name,
        ["action"] = row.Action,
        ["version"] = row.Version is { } version ? JsonNode.Parse(version) : null,
    })]));
}
