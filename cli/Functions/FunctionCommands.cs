using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Jobs;

namespace ReactorJobs.Cli.Functions;

/// <summary><c>reactor functions</c>: make them, deploy them, choose what is live, call them.</summary>
static class FunctionCommands
{
    public static Command Build(Commands commands) => Commands.Group("functions", "Functions: deploy code, and choose which version of it is live.",
        Create(commands), ChangeCommand.Build(commands), FunctionDeployCommand.Build(commands), PromoteCommands.Promote(commands), PromoteCommands.Rollback(commands),
        InvokeCommand.Build(commands), List(commands), Get(commands), Delete(commands));

    public static Argument<string> Name() => new("NAME") { Description = "The function's name." };

    static Command Create(Commands commands)
    {
        var name = Name();
        var runtime = new Option<string>("--runtime") { Description = "What runs it: bun or node (bun when not given).", HelpName = "bun|node" };
        runtime.AcceptOnlyFromAmong("bun", "node");
        var noNetwork = new Option<bool>("--no-network") { Description = "Keep every version from the network." };
        var variables = new FunctionVariables();
        return commands.Leaf("create", "Create a function; the same again changes nothing.", async (given, session, ct) =>
        {
            var body = new JsonObject { ["name"] = given.GetRequiredValue(name) };
            if (given.GetValue(runtime) is { } chosen) body["runtime"] = chosen;
            if (given.GetValue(noNetwork)) body["network"] = false;
            variables.Read(given, body);
            var answer = await session.Api.Post(ApiPath.Functions, body, ct);
            session.Printer.Say(answer.Status == 201 ? "created" : "unchanged: it is there already, just so");
            session.Printer.Show(answer, FunctionView.Detail);
            return ExitCode.Ok;
        }, [name, runtime, noNetwork, .. variables.Options]);
    }

    static Command List(Commands commands)
    {
        var paging = new Paging();
        return commands.Leaf("list", "List the functions.", async (given, session, ct) =>
        {
            var answer = await session.Api.Get(ApiPath.Functions.With(paging.Limit(given), paging.Cursor(given)), ct);
            session.Printer.Page(answer, "no functions yet; deploy one: reactor functions deploy NAME", FunctionView.List);
            return ExitCode.Ok;
        }, paging.Options);
    }

    static Command Get(Commands commands)
    {
        var name = Name();
        return commands.Leaf("get", "Show a function with its versions.", async (given, session, ct) =>
        {
            session.Printer.Show(await session.Api.Get(ApiPath.Function(given.GetRequiredValue(name)), ct), FunctionView.Detail);
            return ExitCode.Ok;
        }, name);
    }

    static Command Delete(Commands commands)
    {
        var (name, force) = (Name(), JobCommands.Force());
        return commands.Leaf("delete", "Delete a function with all its versions.", async (given, session, ct) =>
        {
            var (function, path) = (given.GetRequiredValue(name), ApiPath.Function(given.GetRequiredValue(name)));
            await session.Confirm($"deleting the function {function} with its versions", given.GetValue(force), ct);
            session.Printer.Done(await session.Api.Delete(path, ct), $"deleted {function}", function);
            return ExitCode.Ok;
        }, name, force);
    }
}
