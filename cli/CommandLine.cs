using System.CommandLine;
using System.CommandLine.Invocation;
using ReactorJobs.Cli.Applying;
using ReactorJobs.Cli.Completion;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Data;
using ReactorJobs.Cli.Deploying;
using ReactorJobs.Cli.Dev;
using ReactorJobs.Cli.Events;
using ReactorJobs.Cli.Functions;
using ReactorJobs.Cli.Jobs;
using ReactorJobs.Cli.Logs;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Secrets;
using ReactorJobs.Cli.Sql;
using ReactorJobs.Hosting;

namespace ReactorJobs.Cli;

/// <summary>From arguments to an exit code: the one place that knows every command and where every failure ends.</summary>
static class CommandLine
{
    public static async Task<int> Run(string[] args, Surroundings here, CancellationToken ct)
    {
        var terminal = here.Terminal;
        try
        {
            // `--payload @file` is ours: without this the parser would take `@file` for a response file.
            var parsed = Tree(here).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            // Signals are caught in Program, because `reactor dev` needs longer to stop than the parser's two seconds.
            var invocation = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            if (parsed.Errors.Count > 0) return Misused(parsed, invocation, terminal);
            return await parsed.InvokeAsync(invocation, ct);
        }
        catch (Failure failure)
        {
            terminal.Error.Write(FailureText.Render(failure, terminal.ErrorPaint));
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    static RootCommand Tree(Surroundings here)
    {
        var options = new GlobalOptions();
        var commands = new Commands(here, options);
        var root = new RootCommand("Reactor Jobs: durable background jobs.");
        foreach (var option in options.All) root.Add(option);
        root.Add(DeployCommand.Build(commands));
        root.Add(ApplyCommand.Build(commands));
        root.Add(FunctionCommands.Build(commands));
        root.Add(JobCommands.Build(commands));
        root.Add(LogCommands.Build(commands));
        root.Add(EventCommands.Build(commands));
        root.Add(SqlCommands.Build(commands));
        root.Add(DataCommands.Build(commands));
        root.Add(SecretCommands.Build(commands));
        root.Add(ContextCommands.Build(commands));
        root.Add(HealthCommand.Build(commands));
        root.Add(DevCommand.Build(commands));
        root.Add(CompletionCommand.Build(commands, root));
        return root;
    }

    static int Misused(ParseResult parsed, InvocationConfiguration invocation, Terminal terminal)
    {
        // A group without its command (`reactor jobs`) is a question, not a mistake: show what there is.
        if (parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0)
        {
            if (parsed.Action is ParseErrorAction help) help.ShowHelp = true;
            parsed.Invoke(invocation);
            return ExitCode.Usage;
        }
        foreach (var message in Complaints(parsed)) terminal.Error.WriteLine($"error: {Printable.Line(message)}");
        terminal.Error.WriteLine($"hint: {Path(parsed)} --help");
        return ExitCode.Usage;
    }

    static IEnumerable<string> Complaints(ParseResult parsed)
    {
        var group = parsed.CommandResult.Command.Subcommands;
        // The parser would say two things of a misspelt command: that it knows it not, and that there is none.
        if (group.Count == 0 || parsed.UnmatchedTokens is not [var word, ..]) return parsed.Errors.Select(e => e.Message);
        var near = group.Select(c => c.Name).Where(name => Spelling.Near(word, name)).ToList();
        return [$"there is no command {word}{(near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "")}"];
    }

    static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(at.Command is RootCommand ? "reactor" : at.Command.Name);
        return string.Join(' ', names);
    }
}
