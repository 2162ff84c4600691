using System.Diagnostics;

namespace ReactorJobs.Bench.Workloads;

/// <summary>
/// Events that each start a hundred jobs. A delivery is done when its run is committed as accepted, which is when nothing can lose it any more; the rate of
/// runs counts until the last of them has ended.
/// </summary>
static class FanOut
{
    const int Subscribers = 100;
    const int DefaultEvents = 100;
    const int Callers = 4;
    const string Topic = "bench.happened";

    /// <summary>Between two looks at how many runs there are; each costs the suite's PostgreSQL a few milliseconds.</summary>
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        for (var i = 0; i < Subscribers; i++)
            await stage.Api.Define($"subscriber-{i}", Jobs.Trivial, Topic, stage.Stop);
        await Deliver(stage, Math.Max(1, stage.Options.WarmUp / Subscribers));

        var events = stage.Options.Runs ?? DefaultEvents;
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            stage.Report.Say($"fan-out: {events} events to {Subscribers} jobs each");
            var meter = stage.Measure();
            var accepted = await Deliver(stage, events);
            var usage = meter.Stop();
            var deliveries = events * Subscribers;
            stage.Report.Add(new("fan-out", deliveries, usage)
            {
                RunsPerSecond = deliveries / usage.Seconds,
                Extra = new Dictionary<string, double>
                {
                    ["events"] = events,
                    ["deliveries_per_s"] = deliveries / accepted.TotalSeconds,
                },
            });
        }
    }

    /// <summary>Emits events and waits for the end of what they start; gives the time until all of it was accepted.</summary>
    static async Task<TimeSpan> Deliver(Stage stage, int events)
    {
        var reached = await stage.Worker.Expect(events * Subscribers);
        var newest = await stage.Database.NewestRun(stage.Stop);
        var started = Stopwatch.GetTimestamp();
        var left = events;
        var emitting = Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            using var caller = await Suite.Caller.Connect(stage.Suite, "/jobs/v1/_admin/events", stage.Stop);
            while (Interlocked.Decrement(ref left) >= 0)
                await caller.Post($$$"""{"topic":"{{{Topic}}}","payload":{"at":0}}""", stage.Stop);
        }));
        while (await stage.Database.RunsAfter(newest, stage.Stop) < events * Subscribers)
            await Task.Delay(BetweenLooks, stage.Time, stage.Stop);
        var accepted = Stopwatch.GetElapsedTime(started);
        await emitting;
        await reached.WaitAsync(stage.Stop);
        await stage.Database.NothingDue(stage.Stop);
        return accepted;
    }
}
