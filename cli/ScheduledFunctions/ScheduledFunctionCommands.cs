using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.ScheduledFunctions;

/// <summary><c>reactor jobs scheduled</c>: what handlers have scheduled.</summary>
static class ScheduledFunctionCommands
{
    static readonly Column[] Columns = ["ID", "FUNCTION", "STATE", "AT", new("ATTEMPTS", Right: true), new("ARGS", Cut: true)];

    public static Command Build(Commands commands) =>
        Commands.Group("scheduled", "Functions that handlers have scheduled: list, cancel.", List(commands), Cancel(commands));

    static Command List(Commands commands)
    {
        var state = new Option<string>("--state") { Description = "pending, running, sleeping or retrying.", HelpName = "STATE" };
        var paging = new Paging();
        return commands.Leaf("list", "List scheduled functions that have not ended, the next one first.", async (given, session, ct) =>
        {
            var path = ApiPath.ScheduledFunctions.With(("state", given.GetValue(state)), paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "nothing is scheduled", Table);
            return ExitCode.Ok;
        }, [state, .. paging.Options]);
    }

    static Command Cancel(Commands commands)
    {
        var ids = new Argument<string[]>("ID") { Description = "Scheduled functions; - reads ids from standard input.", Arity = ArgumentArity.OneOrMore };
        return commands.Leaf("cancel", "Cancel scheduled functions that have not ended.", async (given, session, ct) =>
        {
            var body = new JsonObject { ["ids"] = new JsonArray([.. (await session.Ids(given.GetRequiredValue(ids), ct)).Select(id => (JsonNode)id)]) };
            session.Printer.Show(await session.Api.Post(ApiPath.CancelRuns, body, ct), (answer, _) => $"cancelled {answer.Number("count") ?? 0}\n");
            return ExitCode.Ok;
        }, ids);
    }

    static string Table(JsonElement functions, View view) => TextTable.Render(Columns, [.. functions.Items().Select(x => new Cell[]
    {
        x.Text("id"), x.Text("function_path"), Cell.Status(x.Text("state")), view.Ago(x.Time("scheduled_time")), x.Text("attempts"), x.Field("args")?.Compact(),
    })], view);
}
