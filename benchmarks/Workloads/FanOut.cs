namespace ReactorJobs.Bench.Workloads;

/// <summary>Events that each start a hundred jobs; a delivery is a run that was started and has ended.</summary>
static class FanOut
{
    const int Subscribers = 100;
    const int DefaultEvents = 100;
    const string Topic = "bench.happened";

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        for (var i = 0; i < Subscribers; i++)
            await stage.Api.Define($"subscriber-{i}", Jobs.Trivial, Topic, stage.Stop);
        await Emit(stage, events: 20, callers: 4);

        var events = stage.Options.Runs ?? DefaultEvents;
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            stage.Report.Say($"fan-out: {events} events to {Subscribers} jobs each");
            var meter = stage.Measure();
            await Emit(stage, events, callers: 4);
            var usage = meter.Stop();
            var deliveries = events * Subscribers;
            stage.Report.Add(new("fan-out", deliveries, usage)
            {
                RunsPerSecond = deliveries / usage.Seconds,
                Extra = new Dictionary<string, double> { ["events"] = events, ["deliveries_per_s"] = deliveries / usage.Seconds },
            });
        }
    }

    static async Task Emit(Stage stage, int events, int callers)
    {
        var reached = await stage.Worker.Expect(events * Subscribers);
        var left = events;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            using var caller = await Suite.Caller.Connect(stage.Suite, "/jobs/v1/_admin/events", stage.Stop);
            while (Interlocked.Decrement(ref left) >= 0)
                await caller.Post($$$"""{"topic":"{{{Topic}}}","payload":{"at":0}}""", stage.Stop);
        }));
        await reached.WaitAsync(stage.Stop);
        await stage.Database.NothingDue(stage.Stop);
    }
}
