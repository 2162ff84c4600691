using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Events;

/// <summary><c>reactor events</c>: put an event in, see which are there and which nobody took, and hand one out again.</summary>
static class EventCommands
{
    public static Command Build(Commands commands) =>
        Commands.Group("events", "Events: emit one, list them, look at one, replay it.", Emit(commands), List(commands), Get(commands), Replay(commands));

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
        var status = new Option<string>("--status") { Description = "unconsumed: those that started nothing; or consumed.", HelpName = "STATUS" };
        var unconsumed = new Option<bool>("--unconsumed") { Description = "As --status unconsumed." };
        var since = new Option<string>("--since") { Description = "Not older than a time or a duration (1h).", HelpName = "TIME" };
        var paging = new Paging();
        return commands.Leaf("list", "List events, the newest first.", async (given, session, ct) =>
        {
            var from = given.GetValue(since) is { } text ? Times.Since("--since", text, session.Clock.GetUtcNow()) : null;
            var which = given.GetValue(unconsumed) ? "unconsumed" : given.GetValue(status);
            var path = ApiPath.Events.With(("topic", given.GetValue(topic)), ("status", which), ("since", from), paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no such events", EventView.List);
            return ExitCode.Ok;
        }, [topic, status, unconsumed, since, .. paging.Options]);
    }

    static Command Get(Commands commands)
    {
        var ids = Ids();
        return commands.Leaf("get", "Show an event with the runs that it has started.", async (given, session, ct) =>
            await session.Each(await session.Ids(given.GetRequiredValue(ids), ct), async id =>
                session.Printer.Show(await session.Api.Get(ApiPath.Event(id), ct), EventView.Whole)), ids);
    }

    static Command Replay(Commands commands)
    {
        var ids = Ids();
        var triggers = new Option<string[]>("--trigger") { Description = "Only for this trigger; may be given several times.", HelpName = "TRIGGER_ID" };
        var key = new Option<string>("--idempotency-key") { Description = "The same one again starts nothing twice.", HelpName = "KEY" };
        return commands.Leaf("replay", "Hand events to those who listen now, again, as new runs.", async (given, session, ct) =>
        {
            var body = given.GetValue(triggers) is { Length: > 0 } only ? new JsonObject { ["triggers"] = new JsonArray([.. only.Select(x => (JsonNode)x)]) } : null;
            return await session.Each(await session.Ids(given.GetRequiredValue(ids), ct), async id =>
                session.Printer.Page(await session.Api.Post(ApiPath.Replay(id), body, ct, given.GetValue(key)), "nobody listens to its topic", EventView.Deliveries));
        }, ids, triggers, key);
    }

    static Argument<string[]> Ids() =>
        new("EVENT_ID") { Description = "Events; - reads ids from standard input.", Arity = ArgumentArity.OneOrMore };
}
