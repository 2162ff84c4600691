using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Functions;

static class FunctionView
{
    static readonly Column[] Columns = ["NAME", "RUNTIME", new("LIVE", Right: true), "NETWORK", new("ENV", Right: true), new("SECRETS", Right: true), "UPDATED"];

    static readonly Column[] VersionColumns =
        [new("VERSION", Right: true), "LIVE", new("ENTRY", Cut: true), new("FILES", Right: true), new("SIZE", Right: true), "DEPLOYED", new("BY", Cut: true), "ID"];

    public static string List(JsonElement functions, View view) => TextTable.Render(Columns, [.. functions.Items().Select(function => new Cell[]
    {
        function.Text("name"),
        function.Text("runtime"),
        function.Text("live_version"),
        Network(function),
        $"{Names(function, "env").Count}",
        $"{function.Items("secrets").Count}",
        view.Ago(function.Time("updated_at")),
    })], view);

    public static string Detail(JsonElement function, View view)
    {
        var live = function.Text("live_version");
        var text = view.Details($"{view.Paint.Bold(function.Text("name") ?? "function")}  {(live is null ? "nothing live" : $"version {live} live")}",
        [
            ("runtime", function.Text("runtime")),
            ("network", Network(function)),
            ("env", Names(function, "env") is { Count: > 0 } env ? string.Join(", ", env) : null),
            // Values stay where they are: the API has the names only.
            ("secrets", function.Items("secrets") is { Count: > 0 } secrets ? string.Join(", ", secrets.Select(x => Printable.Line(x.ToString()))) : null),
            ("created", view.Exact(function.Time("created_at"))),
            ("updated", view.Exact(function.Time("updated_at"))),
        ]);
        return function.Items("versions") is { Count: > 0 } versions ? $"{text}\n{Versions(versions, live, view)}" : text;
    }

    public static string Live(JsonElement function, View view) =>
        $"{view.Paint.Bold(function.Text("name") ?? "function")}: version {function.Text("live_version") ?? "?"} is live\n";

    static string Versions(IReadOnlyList<JsonElement> versions, string? live, View view) => TextTable.Render(VersionColumns, [.. versions.Select(version => new Cell[]
    {
        version.Text("version"),
        version.Text("version") == live ? new Cell("live", Tone.Good) : "",
        version.Text("entry"),
        version.Text("files"),
        version.Number("bytes") is { } bytes ? Sizes.Format(bytes) : null,
        view.Ago(version.Time("created_at")),
        version.Text("created_by"),
        version.Text("id"),
    })], view);

    static string Network(JsonElement function) => function.Text("network") is "false" ? "none" : "yes";

    static IReadOnlyList<string> Names(JsonElement function, string field) =>
        function.Field(field) is not { ValueKind: JsonValueKind.Object } all ? [] : [.. all.EnumerateObject().Select(x => Printable.Line($"{x.Name}={x.Value}"))];
}
