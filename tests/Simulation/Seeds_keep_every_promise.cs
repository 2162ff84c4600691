using System.Diagnostics;
using System.Globalization;
using ReactorJobs.Tests.Simulation.Worlds;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.Simulation;

public sealed class Seeds_keep_every_promise(ITestOutputHelper output)
{
    static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    [Fact]
    public void In_every_world()
    {
        if (Setting("SIMULATION_SEED", -1) is var only and >= 0)
        {
            var one = Worlds.Simulation.Run(only, traced: true);
            output.WriteLine(one.Tail);
            Assert.Null(one.Broken);
            return;
        }

        var seeds = Setting("SIMULATION_SEEDS", 20_000);
        var first = Setting("SIMULATION_FIRST", 0);
        var (steps, runs) = (0L, 0L);
        var broken = new System.Collections.Concurrent.ConcurrentBag<Outcome>();
        var watch = Stopwatch.StartNew();
        var busyBefore = Environment.CpuUsage.TotalTime;
        Parallel.For(first, first + seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var outcome = Worlds.Simulation.Run(seed);
            Interlocked.Add(ref steps, outcome.Steps);
            Interlocked.Add(ref runs, outcome.Runs);
            if (outcome.Broken is null)
                return;
            broken.Add(outcome);
            if (broken.Count >= 20)
                loop.Stop();
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{seeds:N0} seeds, {runs:N0} runs, {steps:N0} events in {watch.Elapsed.TotalSeconds:F1} s: {seeds / watch.Elapsed.TotalSeconds:F0} seeds/s, {seeds / (Environment.CpuUsage.TotalTime - busyBefore).TotalSeconds:F0} per second of CPU"));
        foreach (var outcome in broken.OrderBy(x => x.Seed))
            output.WriteLine($"SIMULATION_SEED={outcome.Seed}: {outcome.Broken}");
        if (broken.OrderBy(x => x.Steps).FirstOrDefault() is { } shortest)
            output.WriteLine(Worlds.Simulation.Run(shortest.Seed, traced: true).Tail);
        Assert.Empty(broken);
    }

    [Fact]
    public void The_same_seed_is_the_same_world()
    {
        for (var seed = 0; seed < 100; seed++)
            Assert.Equal(Worlds.Simulation.Run(seed, traced: true).Hash, Worlds.Simulation.Run(seed, traced: true).Hash);
    }
}
