using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Functions;

/// <summary><c>reactor functions promote</c> and <c>rollback</c>: which version new runs take. Runs that have one keep theirs.</summary>
static class PromoteCommands
{
    public static Command Promote(Commands commands)
    {
        var name = FunctionCommands.Name();
        var version = new Option<int?>("--version") { Description = "Which; the newest when not given.", HelpName = "N" };
        return commands.Leaf("promote", "Put a version live.", async (given, session, ct) =>
        {
            var answer = await new FunctionDeployment(session).Promote(given.GetRequiredValue(name), given.GetValue(version), ct);
            session.Printer.Show(answer, FunctionView.Live);
            return ExitCode.Ok;
        }, name, Positive(version));
    }

    public static Command Rollback(Commands commands)
    {
        var name = FunctionCommands.Name();
        var to = new Option<int?>("--to") { Description = "Which; the newest one older than the live one when not given.", HelpName = "N" };
        return commands.Leaf("rollback", "Put an older version live again.", async (given, session, ct) =>
        {
            var (function, functions) = (given.GetRequiredValue(name), new FunctionDeployment(session));
            var target = given.GetValue(to) ?? Before(function, (await session.Api.Get(Connection.ApiPath.Function(function), ct)).Json);
            session.Printer.Show(await functions.Promote(function, target, ct), FunctionView.Live);
            return ExitCode.Ok;
        }, name, Positive(to));
    }

    /// <summary>The newest version that is older than the live one.</summary>
    internal static int Before(string name, JsonElement function)
    {
        if (function.Number("live_version") is not { } live)
            throw new Failure(ExitCode.Failed, $"{name} has no live version to go back from", $"reactor functions promote {name}");
        var older = function.Items("versions").Select(version => version.Number("version")).Where(number => number < live).Max();
        if (older is { } number) return (int)number;
        var none = string.Create(CultureInfo.InvariantCulture, $"{name} has no version older than {live}, which is live");
        throw new Failure(ExitCode.Failed, none, $"reactor functions get {name} shows the versions");
    }

    static Option<int?> Positive(Option<int?> option)
    {
        option.Validators.Add(given =>
        {
            if (given.Tokens is [var only] && int.TryParse(only.Value, out var number) && number < 1) given.AddError($"{option.Name} counts from 1");
        });
        return option;
    }
}
