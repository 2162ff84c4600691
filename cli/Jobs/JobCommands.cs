using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.DeadLetters;
using ReactorJobs.Cli.Runs;
using ReactorJobs.Cli.ScheduledFunctions;

namespace ReactorJobs.Cli.Jobs;

/// <summary><c>reactor jobs</c>: the jobs themselves, and the groups about what belongs to one.</summary>
static class JobCommands
{
    public static Command Build(Commands commands) => Commands.Group("jobs", "Jobs, their triggers, runs and dead letters.",
        Create(commands), List(commands), Get(commands), Delete(commands), Pause(commands, paused: true), Pause(commands, paused: false),
        TriggerCommands.Build(commands), StartCommand.Build(commands), RunCommands.Build(commands), ScheduledFunctionCommands.Build(commands), DeadLetterCommands.Build(commands));

    public static Argument<string> Name() => new("NAME") { Description = "The job's name." };

    static Command Create(Commands commands)
    {
        var name = new Argument<string?>("NAME") { Description = "The job's name; may be left out when --file has it.", Arity = ArgumentArity.ZeroOrOne };
        var definition = new JobDefinitionOptions();
        return commands.Leaf("create", "Create a job; the same again changes nothing.", async (given, session, ct) =>
        {
            var body = await definition.Read(given, given.GetValue(name), session, ct);
            var answer = await session.Api.Post(ApiPath.Jobs, body, ct);
            session.Printer.Say(answer.Status == 201 ? "created" : "unchanged: it is there already, just so");
            session.Printer.Show(answer, JobView.Detail);
            return ExitCode.Ok;
        }, [name, .. definition.Options]);
    }

    static Command List(Commands commands)
    {
        var paging = new Paging();
        return commands.Leaf("list", "List the jobs.", async (given, session, ct) =>
        {
            var answer = await session.Api.Get(ApiPath.Jobs.With(paging.Limit(given), paging.Cursor(given)), ct);
            session.Printer.Page(answer, "no jobs yet; make one: reactor jobs create NAME --function FUNCTION", JobView.List);
            return ExitCode.Ok;
        }, paging.Options);
    }

    static Command Get(Commands commands)
    {
        var name = Name();
        return commands.Leaf("get", "Show a job with its limits and triggers.", async (given, session, ct) =>
        {
            session.Printer.Show(await session.Api.Get(ApiPath.Job(given.GetRequiredValue(name)), ct), JobView.Detail);
            return ExitCode.Ok;
        }, name);
    }

    static Command Delete(Commands commands)
    {
        var (name, force) = (Name(), Force());
        return commands.Leaf("delete", "Delete a job with its triggers.", async (given, session, ct) =>
        {
            var (job, path) = (given.GetRequiredValue(name), ApiPath.Job(given.GetRequiredValue(name)));
            await session.Confirm($"deleting the job {job} with its triggers", given.GetValue(force), ct);
            session.Printer.Done(await session.Api.Delete(path, ct), $"deleted {job}", job);
            return ExitCode.Ok;
        }, name, force);
    }

    static Command Pause(Commands commands, bool paused)
    {
        var name = Name();
        var (verb, description) = paused ? ("pause", "Start no more runs of a job until it is resumed.") : ("resume", "Let a paused job run again.");
        return commands.Leaf(verb, description, async (given, session, ct) =>
        {
            var answer = await session.Api.Patch(ApiPath.Job(given.GetRequiredValue(name)), new JsonObject { ["paused"] = paused }, ct);
            session.Printer.Show(answer, JobView.Detail);
            return ExitCode.Ok;
        }, name);
    }

    public static Option<bool> Force() => new("--force") { Description = "Do not ask." };
}
