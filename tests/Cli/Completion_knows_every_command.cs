using System.Diagnostics;

namespace ReactorJobs.Tests.Cli;

public sealed class Completion_knows_every_command
{
    [Theory]
    [InlineData("reactor ''", "deploy apply functions jobs logs events sql data secrets context health dev completion")]
    [InlineData("reactor jo", "jobs")]
    [InlineData("reactor jobs ''", "create list get delete pause resume triggers trigger runs scheduled dlq")]
    [InlineData("reactor jobs runs c", "cancel")]
    [InlineData("reactor --url jobs functions pro", "promote")]
    [InlineData("reactor functions list -o ''", "table json ids")]
    [InlineData("reactor functions create f --runtime ''", "bun node")]
    [InlineData("reactor functions rollback f --t", "--to --token")]
    [InlineData("reactor completion z", "zsh")]
    public async Task In_bash(string line, string offered)
    {
        using var shell = new Shell();
        shell.Write("completion", (await shell.Run("completion", "bash")).Out);
        var bash = new ProcessStartInfo("bash", ["--norc", "-c", $"source ./completion; COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _reactor; echo \"${{COMPREPLY[@]}}\""])
        {
            WorkingDirectory = shell.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(bash)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal("", await error);
        Assert.Equal(offered.Split(' ').Order(), output.TrimEnd('\n').Split(' ').Order());
    }

    [Fact]
    public async Task In_zsh_with_what_each_is_for()
    {
        using var shell = new Shell();
        var script = (await shell.Run("completion", "zsh")).Out;
        Assert.StartsWith("#compdef reactor\n", script, StringComparison.Ordinal);
        Assert.Contains("(' jobs dlq') offers=('list:List a job'\\''s dead letters.' ", script, StringComparison.Ordinal);
        Assert.Contains("('--output'|'-o') compadd -- ids json table; return ;;", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_fish_with_what_each_is_for()
    {
        using var shell = new Shell();
        var script = (await shell.Run("completion", "fish")).Out;
        Assert.Contains("""complete -c reactor -n "__reactor_at ' jobs dlq'" -f -a 'list' -d 'List a job\'s dead letters.'""", script, StringComparison.Ordinal);
        Assert.Contains("""complete -c reactor -n "__reactor_at ' functions create'" -l runtime -x -a 'bun node' -d""", script, StringComparison.Ordinal);
    }
}
