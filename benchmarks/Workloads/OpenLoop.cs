using ReactorJobs.Bench.Measuring;

namespace ReactorJobs.Bench.Workloads;

/// <summary>Fifty runs a second, whether the last ones are done or not: from the call to the handler's first line.</summary>
static class OpenLoop
{
    const int PerSecond = 50;
    const int DefaultSeconds = 20;

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        var runs = PerSecond * (stage.Options.Seconds ?? DefaultSeconds);
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            stage.Report.Say($"latency: {runs} runs at {PerSecond} a second");
            var callers = await stage.Callers(Jobs.Trivial, stage.Options.Clients);
            var reached = await stage.Worker.Expect(runs);
            var meter = stage.Measure();
            await stage.AtRate(PerSecond, runs, callers);
            await reached.WaitAsync(stage.Stop);
            var usage = meter.Stop();
            Array.ForEach(callers, caller => caller.Dispose());
            stage.Report.Add(new("latency", runs, usage, Percentiles.Of(await stage.Worker.Notes())) { RunsPerSecond = runs / usage.Seconds });
        }
    }
}
