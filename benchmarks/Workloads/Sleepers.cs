using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>Very many runs asleep at once: what do they cost in memory while nothing happens?</summary>
static class Sleepers
{
    const int DefaultRuns = 100_000;
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        var runs = stage.Options.Runs ?? DefaultRuns;
        var awake = ProcStat.ResidentMb(stage.Suite.ProcessId);
        stage.Report.Say($"sleepers: {runs} runs fall asleep for an hour");
        var reached = await stage.Worker.Expect(runs);
        var meter = stage.Measure();
        await stage.Api.Start(Jobs.Sleeper, runs, stage.Stop);
        await reached.WaitAsync(stage.Stop);
        while (await stage.Database.Count("select count(*) from scheduler.run where status = 'sleeping'", stage.Stop) < runs)
            await Task.Delay(BetweenLooks, stage.Time, stage.Stop);
        var usage = meter.Stop();
        var asleep = ProcStat.ResidentMb(stage.Suite.ProcessId);

        // The collector gives back what it does not need any more, some time later.
        await Task.Delay(TimeSpan.FromSeconds(stage.Options.Seconds ?? 20), stage.Time, stage.Stop);
        stage.Report.Add(new("sleepers", runs, usage)
        {
            RunsPerSecond = runs / usage.Seconds,
            Extra = new Dictionary<string, double>
            {
                ["rss_mb"] = ProcStat.ResidentMb(stage.Suite.ProcessId),
                ["rss_mb_at_once"] = asleep,
                ["rss_mb_before"] = awake,
            },
        });
    }
}
