using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;

namespace ReactorJobs.Cli.Functions;

/// <summary><c>reactor functions set</c>: what a function finds around it, whatever version is live.</summary>
static class ChangeCommand
{
    public static Command Build(Commands commands)
    {
        var name = FunctionCommands.Name();
        var network = new Option<bool>("--network") { Description = "Let every version reach the network." };
        var noNetwork = new Option<bool>("--no-network") { Description = "Keep every version from the network." };
        var unset = new Option<string[]>("--unset") { Description = "A variable or secret to take away; may be given several times.", HelpName = "NAME" };
        var variables = new FunctionVariables();
        return commands.Leaf("set", "Change a function's network, variables or secrets; processes that start from then on have them.", async (given, session, ct) =>
        {
            var body = new JsonObject();
            if (given.GetValue(network) && given.GetValue(noNetwork)) throw Failure.Usage("--network and --no-network exclude each other");
            if (given.GetValue(network) || given.GetValue(noNetwork)) body["network"] = given.GetValue(network);
            variables.Read(given, body);
            foreach (var gone in given.GetValue(unset) ?? []) TakeAway(body, gone);
            if (body.Count == 0) throw Failure.Usage("there is nothing to set", "--network, --no-network, --env, --secret or --unset say what");
            session.Printer.Show(await session.Api.Patch(ApiPath.Function(given.GetRequiredValue(name)), body, ct), FunctionView.Detail);
            return ExitCode.Ok;
        }, [name, network, noNetwork, .. variables.Options, unset]);
    }

    /// <summary>Whichever kind it is; one that is given anew as the other kind stays.</summary>
    static void TakeAway(JsonObject body, string name)
    {
        foreach (var kind in new[] { "env", "secrets" })
        {
            if (body[kind] is not JsonObject variables) body[kind] = variables = [];
            variables.TryAdd(name, null);
        }
    }
}
