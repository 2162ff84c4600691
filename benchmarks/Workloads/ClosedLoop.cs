using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>As many runs as 32 callers get through, each waiting for its answer; latency is from the call to the handler's first line.</summary>
static class ClosedLoop
{
    const int DefaultRuns = 20_000;

    public static async Task Run(Stage stage, string job)
    {
        await stage.WarmUp(job);
        for (var i = 0; i < stage.Options.Repeat; i++)
            stage.Report.Add(await Measure(stage, job));
    }

    public static async Task<Result> Measure(Stage stage, string job)
    {
        var runs = stage.Options.Runs ?? DefaultRuns;
        var before = await stage.Database.SettledCommits(stage.Stop);
        stage.Report.Say($"{job}: {runs} runs by {stage.Options.Clients} callers");
        var meter = stage.Measure();
        await stage.RunToEnd(job, runs);
        var usage = meter.Stop();
        var after = await stage.Database.SettledCommits(stage.Stop);
        return new(job, runs, usage, Percentiles.Of(await stage.Latencies(job, runs)))
        {
            RunsPerSecond = runs / usage.Seconds,
            CommitsPerRun = (double)(after.All - before.All) / runs,
            WritesPerRun = (double)(after.Writing - before.Writing) / runs,
        };
    }
}
