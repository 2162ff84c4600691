using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Runs;

namespace ReactorJobs.Cli.DeadLetters;

/// <summary><c>reactor jobs dlq</c>: runs that used up their attempts, and what to do with them.</summary>
static class DeadLetterCommands
{
    const int PageSize = 500;

    public static Command Build(Commands commands) =>
        Commands.Group("dlq", "Dead letters: runs that failed for good.", List(commands), Retry(commands), Discard(commands));

    static Command List(Commands commands)
    {
        var (name, paging) = (JobCommands.Name(), new Paging());
        return commands.Leaf("list", "List a job's dead letters.", async (given, session, ct) =>
        {
            var path = ApiPath.DeadLetters(given.GetRequiredValue(name)).With(paging.Limit(given), paging.Cursor(given));
            session.Printer.Page(await session.Api.Get(path, ct), "no dead letters", DeadLetterView.List);
            return ExitCode.Ok;
        }, [name, .. paging.Options]);
    }

    static Command Retry(Commands commands)
    {
        var (name, ids, from, force) = (JobCommands.Name(), Ids(ArgumentArity.ZeroOrMore), RunCommands.From(), JobCommands.Force());
        var all = new Option<bool>("--all") { Description = "Every dead letter of the job that is there now." };
        var command = commands.Leaf("retry", "Retry dead letters, as new runs.", async (given, session, ct) =>
        {
            var (job, where) = (given.GetRequiredValue(name), given.GetValue(from));
            if (!given.GetValue(all)) return await RetryThese(session, job, await session.Ids(given.GetRequiredValue(ids), ct), where, ct);
            var there = await Open(session, job, ct);
            if (there.Count > 0)
                await session.Confirm($"retrying {there.Count} dead letter{(there.Count == 1 ? "" : "s")} of {job}", given.GetValue(force), ct);
            else session.Printer.Say("no dead letters");
            return await RetryThese(session, job, there, where, ct);
        }, name, ids, all, from, force);
        command.Validators.Add(given =>
        {
            var some = given.GetResult(ids)?.Tokens.Count > 0;
            if (some == given.GetValue(all)) given.AddError(some ? "ids and --all exclude each other" : "say which: ids, - for standard input, or --all");
        });
        return command;
    }

    /// <summary>One by its own path, several in one request per page: the scheduler takes them in one transaction.</summary>
    static async Task<int> RetryThese(Session session, string job, IReadOnlyList<string> ids, string? from, CancellationToken ct)
    {
        if (ids is [var only])
        {
            var body = from is null ? null : new JsonObject { ["from"] = from };
            session.Printer.Show(await session.Api.Post(ApiPath.RetryDeadLetter(job, only), body, ct), RunView.Line);
            return ExitCode.Ok;
        }
        foreach (var page in ids.Chunk(PageSize))
        {
            var body = new JsonObject { ["ids"] = new JsonArray([.. page.Select(id => (JsonNode)id)]) };
            if (from is not null) body["from"] = from;
            session.Printer.Show(await session.Api.Post(ApiPath.RetryDeadLetters(job), body, ct), DeadLetterView.Retried);
        }
        return ExitCode.Ok;
    }

    /// <summary>Named one by one, so that what the question counted is what is retried, and not what failed since.</summary>
    static async Task<IReadOnlyList<string>> Open(Session session, string job, CancellationToken ct)
    {
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await session.Api.Get(ApiPath.DeadLetters(job).With(("limit", $"{PageSize}"), ("cursor", cursor)), ct);
            ids.AddRange(page.Json.Items().Where(DeadLetterView.IsOpen).Select(d => d.Text("id")).OfType<string>());
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return ids;
    }

    static Command Discard(Commands commands)
    {
        var (name, ids, force) = (JobCommands.Name(), Ids(ArgumentArity.OneOrMore), JobCommands.Force());
        return commands.Leaf("discard", "Discard dead letters: they cannot be retried any more.", async (given, session, ct) =>
        {
            var job = given.GetRequiredValue(name);
            var letters = await session.Ids(given.GetRequiredValue(ids), ct);
            if (letters.Count == 0) return ExitCode.Ok;
            var what = letters is [var only] ? only : $"{letters.Count} dead letters";
            await session.Confirm($"discarding {what} of {job}", given.GetValue(force), ct);
            return await session.Each(letters, async id =>
                session.Printer.Done(await session.Api.Delete(ApiPath.DeadLetter(job, id), ct), $"discarded {id}", id));
        }, name, ids, force);
    }

    static Argument<string[]> Ids(ArgumentArity arity) =>
        new("ID") { Description = "Dead letters; - reads ids from standard input.", Arity = arity };
}
