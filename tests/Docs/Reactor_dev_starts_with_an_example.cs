using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.Docs;

/// <summary>The README's first command: the whole suite from nothing, with a run to look at; and quick the second time.</summary>
[Collection(OneAtATime.Name)]
public sealed partial class Reactor_dev_starts_with_an_example(ITestOutputHelper output)
{
    [Fact]
    public async Task It_draws_the_examples_run_and_goes_on_where_it_was()
    {
        using var checkout = new Checkout();
        await checkout.AddExample();
        string run;
        await using (var first = await DevSession.Start(checkout))
        {
            Assert.Matches(@"run_[0-9A-Z]{26}  welcome  completed", first.Screen);
            foreach (var step in new[] { "create-account", "write-letter", "send-letter" })
                Assert.Matches($@"(?m)^{step}\s+completed\s+1\s", first.Screen);
            Assert.Contains("Dear Ada, welcome aboard.", first.Screen, StringComparison.Ordinal);
            Assert.Matches(@"customer\.welcomed +evt_[0-9A-Z]{26}", first.Screen);
            Assert.Contains($"Reactor Jobs serves {checkout.Url} (org acme)", first.Screen, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(checkout.Folder, ".reactor", "dev-token")));
            run = (await checkout.Bash("./reactor jobs runs list -o ids")).Trim();
            Assert.Equal(0, await first.Interrupt());
        }

        await using var second = await DevSession.Start(checkout);
        Assert.Equal(run, (await checkout.Bash("./reactor jobs runs list -o ids")).Trim());
        var seconds = double.Parse(Ready().Match(second.Screen).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        output.WriteLine($"The second start was ready after {seconds:0.0} s (the aim, on a quiet machine: 5 s).");
        Assert.Equal(0, await second.Interrupt());
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_line()
    {
        using var checkout = new Checkout();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, checkout.Port);
        taken.Start();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => checkout.Bash($"./reactor dev --port {checkout.Port}"));
        Assert.Contains($"error: Port {checkout.Port} is taken", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("exit code 1 ", refused.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"ready after ([0-9.]+) s")]
    private static partial Regex Ready();
}

/// <summary>Each of these keeps both processors busy.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}
