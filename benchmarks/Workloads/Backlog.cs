namespace ReactorJobs.Bench.Workloads;

/// <summary>Runs pile up while no worker is there; then one connects. How fast is the pile gone, and in how many commits?</summary>
static class Backlog
{
    const int DefaultRuns = 5_000;

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        var runs = stage.Options.Runs ?? DefaultRuns;
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            await stage.Worker.Disconnect();
            await stage.Api.Start(Jobs.Trivial, runs, stage.Stop);
            var before = await stage.Database.SettledCommits(stage.Stop);
            stage.Report.Say($"backlog: {runs} runs wait for a worker");
            var reached = await stage.Worker.Expect(runs);
            var meter = stage.Measure();
            await stage.Worker.Connect();
            await reached.WaitAsync(stage.Stop);
            await stage.Database.NothingDue(stage.Stop);
            var usage = meter.Stop();
            var after = await stage.Database.SettledCommits(stage.Stop);
            stage.Report.Add(new("backlog", runs, usage)
            {
                RunsPerSecond = runs / usage.Seconds,
                CommitsPerRun = (double)(after.All - before.All) / runs,
                WritesPerRun = (double)(after.Writing - before.Writing) / runs,
            });
        }
    }
}
