using System.Diagnostics;

namespace ReactorJobs.Tests.Docs;

/// <summary>Every marked block of every page, typed one after the other into a suite that <c>./reactor dev</c> has started.</summary>
[Collection(OneAtATime.Name)]
public sealed class Commands_in_the_docs_run
{
    [Fact]
    public async Task One_after_the_other()
    {
        using var checkout = new Checkout();
        await checkout.AddExample();
        await using var suite = await DevSession.Start(checkout);
        var background = new List<Process>();
        try
        {
            foreach (var command in Pages.All.SelectMany(Pages.Commands))
            {
                // The pages say the default port, which may be taken here.
                var script = command.Script.Replace("127.0.0.1:8000", $"127.0.0.1:{checkout.Port}", StringComparison.Ordinal);
                if (command.Background)
                    background.Add(await Stay(checkout, script, command));
                else
                    Shape.Check(command, await Run(checkout, script, command));
            }
        }
        finally
        {
            foreach (var process in background)
            {
                process.Kill(entireProcessTree: true);
                process.Dispose();
            }
        }
    }

    [Fact]
    public void The_README_begins_with_the_two_commands_and_has_more_to_run()
    {
        var readme = Pages.Read("README.md");
        Assert.InRange(readme.IndexOf("./reactor dev", StringComparison.Ordinal), 0, 1_500);
        Assert.InRange(readme.IndexOf("./test", StringComparison.Ordinal), 0, 1_500);
        Assert.All(["reactor", "test"], file => Assert.True(File.GetUnixFileMode(Path.Combine(Checkout.Repository(), file)).HasFlag(UnixFileMode.UserExecute)));
        Assert.True(Pages.Commands("README.md").Count >= 3);
    }

    static async Task<string> Run(Checkout checkout, string script, Command command)
    {
        try
        {
            return await checkout.Bash(script);
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
        {
            throw new InvalidOperationException($"{command.Page}, line {command.Line}: {exception.Message}", exception);
        }
    }

    /// <summary>What stays says a line when it is there.</summary>
    static async Task<Process> Stay(Checkout checkout, string script, Command command)
    {
        var process = checkout.Start(script);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Assert.True(await process.StandardOutput.ReadLineAsync(patience.Token) is not null, $"{command.Page}, line {command.Line}: it ended: {(process.HasExited ? await process.StandardError.ReadToEndAsync(patience.Token) : "")}");
        return process;
    }
}
