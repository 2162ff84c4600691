using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Events;

/// <summary><c>reactor events</c>: put an event in, see which are there and which nobody took.</summary>
static class EventCommands
{
    public static Command Build(Commands commands) => Commands.Group("events", "Events: emit one, list them.", Emit(commands), List(commands));

    static Command Emit(Commands commands)
    {
        var topic = new Argument<string>("TOPIC") { Description = "Matched exactly, case included." };
        var payload = new Option<string>("--payload") { Description = "JSON, @file, - for stdin.", HelpName = "JSON" };
        var id = new Option<string>("--id") { Description = "The event's id: the same one again starts nothing twice.", HelpName = "ID" };
        return commands.Leaf("emit", "Emit an event.", async (given, session, ct) =>
        {
            var body = new JsonObject { ["topic"] = given.GetRequiredValue(topic) };
            if (await session.Json("--payload", given.GetValue(payload), ct) is { } json) body["payload"] = JsonNode.Parse(json.GetRawText());
            if (given.GetValue(id) is { } chosen) body["id"] = chosen;
            session.Printer.Show(await session.Api.Post(ApiPath.Events, body, ct), EventView.Line);
            return ExitCode.Ok;
        }, topic, payload, id);
    }

    static Command List(Commands commands)
    {
        var topic = new Option<string>("--topic") { Description = "Only of this topic.", HelpName = "TOPIC" };
        var status = new Option<string>("--status") { Description = "unconsumed: those that started nothing.", HelpName = "STATUS" };
        var since = new Option<string>("--since") { Description = "Not older than a time or a duration (1h).", HelpName = "TIME" };
        var paging = new Paging();
        return commands.Leaf("list", "List events, the newest first.", async (given, session, ct) =>
        {
            var from = given.GetValue(since) is { } text ? Times.Since("--since", text, session.Clock.GetUtcNow()) : null;
            var path = ApiPath.Events.With(
                ("topic", given.GetValue(topic)), ("status", given.GetValue(status)), ("since", from), paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no such events", EventView.List);
            return ExitCode.Ok;
        }, [topic, status, since, .. paging.Options]);
    }
}
