using System.Diagnostics;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.Runtime;

/// <summary>How long a handler waits for its first line; the bounds are wide, since tests share their machine.</summary>
public sealed class Starts_are_fast(ITestOutputHelper output) : IAsyncLifetime
{
    FunctionBench bench = null!;

    public async Task InitializeAsync() => bench = await FunctionBench.Open();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Theory]
    [InlineData("bun", 11, 1000)]
    [InlineData("node", 11, 3000)]
    public async Task A_cold_start(string runtime, int times, double mostMs)
    {
        await bench.Run(bench.Function("export default () => 1;", runtime)); // reads the runtime's version
        var took = new List<double>();
        for (var i = 0; i < times; i++)
            took.Add(await Took(bench.Function("export default () => 1;", runtime)));
        Assert.InRange(Median(took, $"cold start, {runtime}"), 0, mostMs);
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task A_warm_start(string runtime)
    {
        var function = bench.Function("export default () => 1;", runtime);
        var took = new List<double>();
        for (var i = 0; i < 50; i++)
            took.Add(await Took(function));
        Assert.InRange(Median(took.Skip(10).ToList(), $"warm start, {runtime}"), 0, 200);
    }

    /// <summary>From the run's arrival to its outcome, which is a commit later than the handler's first line.</summary>
    async Task<double> Took(ReactorJobs.Executor.Runtime.RunnableVersion function)
    {
        var began = Stopwatch.GetTimestamp();
        await bench.Run(function);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    double Median(List<double> took, string what)
    {
        took.Sort();
        output.WriteLine($"{what}: p50 {took[took.Count / 2]:0.0} ms, least {took[0]:0.0} ms, most {took[^1]:0.0} ms");
        return took[took.Count / 2];
    }
}
