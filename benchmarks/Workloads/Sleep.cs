using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>
/// Runs that sleep 10 s: how late do they go on? Counted from the call of the sleep in the handler, a little before its due time is stored, so
/// that the percentiles are upper bounds.
/// </summary>
static class Sleep
{
    const int DefaultRuns = 5_000;
    const int PerSecond = 500;

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
            stage.Report.Add(new("sleep", runs, usage, Percentiles.Of(await stage.Worker.Notes())));
        }
    }
}
