using System.CommandLine;

namespace ReactorJobs.Cli.Completion;

/// <summary><c>reactor completion</c>: a script that the shell reads once.</summary>
static class CompletionCommand
{
    public static Command Build(Commands commands, RootCommand root)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return commands.Leaf("completion", "Print a script that completes commands and options: source <(reactor completion bash).", (given, session, _) =>
        {
            var points = CompletionTree.Of(root);
            session.Terminal.Out.Write(given.GetRequiredValue(shell) switch
            {
                "bash" => ShellScripts.Bash(points),
                "zsh" => ShellScripts.Zsh(points),
                _ => ShellScripts.Fish(points),
            });
            return Task.FromResult(ExitCode.Ok);
        }, shell);
    }
}
