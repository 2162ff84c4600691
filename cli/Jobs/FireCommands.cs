using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Runs;

namespace ReactorJobs.Cli.Jobs;

/// <summary>When cron triggers fire, and what became of their times.</summary>
static class FireCommands
{
    public static Command[] Build(Commands commands) =>
        [Preview(commands), Ledger(commands), Pause(commands, paused: true), Pause(commands, paused: false), Fire(commands)];

    static Command Preview(Commands commands)
    {
        var schedule = new ScheduleOptions();
        var from = new Option<string>("--from") { Description = "From this time on; now when not given.", HelpName = "TIME" };
        var count = new Option<int?>("--count") { Description = "So many times; 10 when not given.", HelpName = "N" };
        return commands.Leaf("preview", "Show when a schedule would fire, before any trigger has it.", async (given, session, ct) =>
        {
            var body = new JsonObject();
            schedule.AddTo(body, given);
            if (!body.ContainsKey("schedule") && !body.ContainsKey("text")) throw Failure.Usage("which schedule? --schedule \"0 * * * *\", or --text \"every hour\"");
            if (given.GetValue(from) is { } start) body["from"] = Times.Instant("--from", start);
            if (given.GetValue(count) is { } n) body["count"] = n;
            session.Printer.Show(await session.Api.Post(ApiPath.Preview, body, ct), FireView.Preview);
            return ExitCode.Ok;
        }, [.. schedule.All, from, count]);
    }

    static Command Ledger(Commands commands)
    {
        var (name, id, paging) = (JobCommands.Name(), Id(), new Paging());
        var since = new Option<string>("--since") { Description = "Not before this time, or so long ago.", HelpName = "TIME|DURATION" };
        var until = new Option<string>("--until") { Description = "Before this time.", HelpName = "TIME" };
        return commands.Leaf("fires", "Show what became of a cron trigger's times, the newest first.", async (given, session, ct) =>
        {
            var path = ApiPath.Fires(given.GetRequiredValue(name), given.GetRequiredValue(id)).With(
                ("from", given.GetValue(since) is { } from ? Times.Since("--since", from, session.Clock.GetUtcNow()) : null),
                ("until", given.GetValue(until) is { } end ? Times.Instant("--until", end) : null), paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no fires yet", FireView.List);
            return ExitCode.Ok;
        }, [name, id, since, until, .. paging.Options]);
    }

    static Command Pause(Commands commands, bool paused)
    {
        var (name, id) = (JobCommands.Name(), Id());
        var (verb, description) = paused ? ("pause", "Let a cron trigger rest.") : ("resume", "Let a paused trigger fire again; what passed meanwhile is not made up for.");
        return commands.Leaf(verb, description, async (given, session, ct) =>
        {
            var path = ApiPath.Trigger(given.GetRequiredValue(name), given.GetRequiredValue(id));
            session.Printer.Show(await session.Api.Patch(path, new JsonObject { ["paused"] = paused }, ct), TriggerView.Detail);
            return ExitCode.Ok;
        }, name, id);
    }

    static Command Fire(Commands commands)
    {
        var (name, id) = (JobCommands.Name(), Id());
        return commands.Leaf("fire", "Let a cron trigger fire now, whatever its schedule.", async (given, session, ct) =>
        {
            session.Printer.Show(await session.Api.Post(ApiPath.Fire(given.GetRequiredValue(name), given.GetRequiredValue(id)), null, ct), RunView.Line);
            return ExitCode.Ok;
        }, name, id);
    }

    static Argument<string> Id() => new("ID") { Description = "The trigger's id." };
}
