using System.CommandLine;
using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Data;

/// <summary><c>reactor data</c>: the databases whose tables are watched, and how far behind their reading is.</summary>
static class DataCommands
{
    static readonly Column[] Columns = ["NAME", "STATE", "TRIGGERS", "LAG", "WAITS", "SLOT", new("PROBLEM", Cut: true)];

    public static Command Build(Commands commands) => Commands.Group("data", "Databases whose tables triggers of kind data watch.", List(commands));

    static Command List(Commands commands) => commands.Leaf("list", "List the databases that may be watched, and what is wrong with them.", async (_, session, ct) =>
    {
        session.Printer.Page(await session.Api.Get(ApiPath.DataDatabases, ct), "no databases: [jobs.data.databases.NAME] in the settings names one", Table);
        return ExitCode.Ok;
    });

    static string Table(JsonElement databases, View view) => TextTable.Render(Columns, [.. databases.Items().Select(database => new Cell[]
    {
        database.Text("name"),
        Cell.Status(database.Text("state")),
        $"{database.Items("triggers").Count}",
        database.Number("lag_bytes") is { } bytes ? Sizes.Format(bytes) : null,
        database.Number("lag_seconds") is { } seconds ? Durations.Format(TimeSpan.FromSeconds(seconds)) : null,
        database.Text("slot"),
        Problem(database),
    })], view);

    /// <summary>The database's own, or that of the first table which has one.</summary>
    static string? Problem(JsonElement database) => database.Text("problem")
        ?? database.Items("triggers").Select(x => x.Text("problem")).FirstOrDefault(x => x is not null)
        ?? (database.Text("is_behind") == "true" ? "keeps much write-ahead log: its changes are not taken in as fast as they come" : null)
        ?? (database.Items("gaps").FirstOrDefault() is { ValueKind: JsonValueKind.Object } gap ? $"changes from {gap.Text("from_lsn")} to {gap.Text("until_lsn")} were not seen" : null);
}
