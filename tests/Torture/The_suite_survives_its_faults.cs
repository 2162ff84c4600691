using ReactorJobs.Tests.Torture.Trials;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.Torture;

/// <summary>Processes are killed and paused, the network between them breaks, and every promise holds. The release gate is <c>./bench torture</c>.</summary>
public sealed class The_suite_survives_its_faults(ITestOutputHelper output)
{
    [Fact]
    public async Task It_keeps_every_promise()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("REACTOR_SEED"), out var given) ? given : (int)(TimeProvider.System.GetTimestamp() & 0xffffff);
        var options = new TrialOptions(seed, Runs: 300, Faults: 12, Lanes: 2, AppContext.BaseDirectory, Patience: TimeSpan.FromSeconds(60));
        var result = await new Trial(options, TimeProvider.System, output.WriteLine).Run(default);
        output.WriteLine(Report.Table(result));
        Assert.Empty(result.Violations);
    }
}
