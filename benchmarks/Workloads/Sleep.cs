using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>
/// Runs that sleep 10 s: how late do they go on? From the due time that is stored with the sleep to the handler's first line after it, by the
/// one clock of the machine.
/// </summary>
static class Sleep
{
    const int DefaultRuns = 5_000;
    const int PerSecond = 500;

    const string Lateness =
        """
        select (r.result::jsonb ->> 'at')::float8 - extract(epoch from c.due_at)::float8 * 1000
        from scheduler.run r join executor.checkpoint c on c.org_id = r.org_id and c.run_id = r.id and c.key = 'sleep:nap'
        where r.job = 'nap' order by r.id desc limit
        """;

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        var runs = stage.Options.Runs ?? DefaultRuns;
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            stage.Report.Say($"sleep: {runs} runs at {PerSecond} a second, each sleeps 10 s");
            var callers = await stage.Callers(Jobs.Nap, stage.Options.Clients);
            var reached = await stage.Worker.Expect(runs);
            var meter = stage.Measure();
            await stage.AtRate(PerSecond, runs, callers);
            await reached.WaitAsync(stage.Stop);
            var usage = meter.Stop();
            Array.ForEach(callers, caller => caller.Dispose());
            await stage.Database.NothingDue(stage.Stop);
            stage.Report.Add(new("sleep", runs, usage, Percentiles.Of(await stage.Database.Numbers($"{Lateness} {runs}", stage.Stop))));
        }
    }
}
