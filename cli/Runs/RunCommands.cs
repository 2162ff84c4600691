using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary><c>reactor jobs runs</c>.</summary>
static class RunCommands
{
    public static Command Build(Commands commands) =>
        Commands.Group("runs", "Runs: list, look at, cancel, retry.", List(commands), Get(commands), Cancel(commands), Retry(commands));

    static Command List(Commands commands)
    {
        var name = new Argument<string?>("NAME") { Description = "Only of this job.", Arity = ArgumentArity.ZeroOrOne };
        var status = new Option<string>("--status")
        {
            Description = "pending, running, sleeping, retrying, completed, failed or cancelled.",
            HelpName = "STATUS",
        };
        var since = new Option<string>("--since") { Description = "Not older than a time or a duration (1h).", HelpName = "TIME" };
        var paging = new Paging();
        return commands.Leaf("list", "List runs, the newest first.", async (given, session, ct) =>
        {
            var from = given.GetValue(since) is { } text ? Times.Since("--since", text, session.Clock.GetUtcNow()) : null;
            var path = (given.GetValue(name) is { } job ? ApiPath.Runs(job) : ApiPath.AllRuns)
                .With(("status", given.GetValue(status)), ("since", from), paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no such runs", RunView.List);
            return ExitCode.Ok;
        }, [name, status, since, .. paging.Options]);
    }

    static Command Get(Commands commands)
    {
        var target = new Argument<string[]>("[NAME] RUN_ID")
        {
            Description = "A run, with or without its job's name; - reads run ids from standard input.",
            Arity = new ArgumentArity(1, 2),
        };
        return commands.Leaf("get", "Show a run as a timeline.", async (given, session, ct) =>
        {
            var words = given.GetRequiredValue(target);
            var job = words.Length == 2 ? words[0] : null;
            var ids = await session.Ids([words[^1]], ct);
            return await session.Each(ids, async id =>
            {
                var answer = await session.Api.Get(ApiPath.Run(id), ct);
                // A run's id is unique by itself; a name that does not fit it is a mistake that the caller should hear of.
                if (job is not null && answer.Json.Text("job_id") is { } owner && owner != job)
                    throw new ApiRefusal(404, $"{id} is a run of {owner}, not of {job}", null);
                session.Printer.Show(answer, Timeline.Render);
            });
        }, target);
    }

    static Command Cancel(Commands commands)
    {
        var (name, ids) = (JobCommands.Name(), RunIds());
        return commands.Leaf("cancel", "Cancel runs that have not ended.", async (given, session, ct) =>
        {
            var job = given.GetRequiredValue(name);
            return await session.Each(await session.Ids(given.GetRequiredValue(ids), ct), async id =>
                session.Printer.Show(await session.Api.Post(ApiPath.Cancel(job, id), null, ct), RunView.Line));
        }, name, ids);
    }

    static Command Retry(Commands commands)
    {
        var (name, ids, from) = (JobCommands.Name(), RunIds(), From());
        return commands.Leaf("retry", "Start finished runs anew, as new runs.", async (given, session, ct) =>
        {
            var (job, body) = (given.GetRequiredValue(name), given.GetValue(from) is { } where ? new JsonObject { ["from"] = where } : null);
            return await session.Each(await session.Ids(given.GetRequiredValue(ids), ct), async id =>
                session.Printer.Show(await session.Api.Post(ApiPath.Retry(job, id), body, ct), RunView.Line));
        }, name, ids, from);
    }

    static Argument<string[]> RunIds() =>
        new("RUN_ID") { Description = "Runs; - reads ids from standard input.", Arity = ArgumentArity.OneOrMore };

    public static Option<string> From()
    {
        var from = new Option<string>("--from") { Description = "Go on at the failed step (as when not given), or start over.", HelpName = "failed_step|start" };
        from.AcceptOnlyFromAmong("failed_step", "start");
        return from;
    }
}
