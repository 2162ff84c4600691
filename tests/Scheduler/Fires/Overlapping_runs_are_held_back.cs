using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Scheduler.Fires;

/// <summary>What a fire does while a run of the same trigger has not ended: <c>allow</c>, <c>skip</c>, <c>queue</c>, <c>cancel_running</c>.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Overlapping_runs_are_held_back(PostgresServer server) : IAsyncLifetime
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    Database database = null!;
    FireBench bench = null!;

    public async Task InitializeAsync()
    {
        database = await Database.Make(server, Given.Job());
        bench = new(database);
        bench.Runs.Serving();
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Allow_starts_them_all()
    {
        var trigger = await Fired("allow", 3);
        Assert.Equal(3, (await bench.RunsOf(trigger)).Count(x => x.IsRunning));
    }

    [Fact]
    public async Task Skip_starts_none_until_it_has_ended()
    {
        var trigger = await Fired("skip", 3);
        var run = Assert.Single(await bench.RunsOf(trigger));
        await bench.End(run.Id);
        await bench.SweepAfter(Minute);

        Assert.Equal(
            ["01:00 fired", $"02:00 skipped: {run.Id} has not ended", $"03:00 skipped: {run.Id} has not ended", "04:00 fired"],
            await bench.Ledger(trigger));
        Assert.Equal([RunStatus.Completed, RunStatus.Running], (await bench.RunsOf(trigger)).Select(x => x.Status));
    }

    [Theory]
    [InlineData(AttemptOutcomes.Completed)]
    [InlineData("cancelled")]
    public async Task Queue_starts_the_next_one_when_it_ends(string end)
    {
        var trigger = await Fired("queue", 3);
        Assert.Equal(["01:00 fired", "02:00 queued", "03:00 queued"], await bench.Ledger(trigger));

        for (var ended = 0; ended < 2; ended++)
        {
            var run = (await bench.RunsOf(trigger))[^1];
            if (end == "cancelled")
            {
                await bench.Runs.Cancel(run.Id);
                bench.Starter.Tell(bench.Runs.Committed[^1]);
            }
            else
            {
                await bench.End(run.Id);
            }

            await FireBench.Until(async () => (await bench.Ledger(trigger)).Count(x => x.EndsWith("fired", StringComparison.Ordinal)) == ended + 2);
        }

        Assert.Equal(["01:00 fired", "02:00 fired", "03:00 fired"], await bench.Ledger(trigger));
        Assert.Single(await bench.RunsOf(trigger), x => !x.IsFinal);
    }

    [Fact]
    public async Task Queue_goes_on_by_the_sweep_of_another_scheduler()
    {
        var trigger = await Fired("queue", 2);
        await bench.Runs.Finish((await bench.RunsOf(trigger))[0].Id, 1, AttemptOutcomes.Completed);
        var other = new FireBench(database);

        await other.SweepAfter(TimeSpan.FromSeconds(150));

        Assert.Equal(["01:00 fired", "02:00 fired"], await other.Ledger(trigger));
        Assert.Equal(2, (await bench.RunsOf(trigger)).Count);
    }

    [Fact]
    public async Task Queue_is_not_endless()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * * *", "seconds": true, "overlap": "queue", "misfire": "all"
            """);
        for (var i = 0; i < 4; i++)
            await bench.SweepAfter(TimeSpan.FromSeconds(300));
        var fires = await bench.Fires(trigger);
        Assert.Equal(1200, fires.Count);
        Assert.Equal(1001, fires.Count(x => x.Outcome is not "skipped"));
        Assert.EndsWith("1001 runs of this trigger have not ended, and no more than 1000 wait", fires[^1].Reason, StringComparison.Ordinal);
        Assert.Single(await bench.RunsOf(trigger));
    }

    [Fact]
    public async Task Cancel_running_ends_it_and_starts_its_own()
    {
        var trigger = await Fired("cancel_running", 3);
        Assert.Equal([RunStatus.Cancelled, RunStatus.Cancelled, RunStatus.Running], (await bench.RunsOf(trigger)).Select(x => x.Status));
        Assert.Equal(["01:00 fired", "02:00 fired", "03:00 fired"], await bench.Ledger(trigger));
    }

    [Fact]
    public async Task Cancel_running_starts_none_that_would_end_at_once()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *", "overlap": "cancel_running", "misfire": "all"
            """);
        await bench.SweepAfter(TimeSpan.FromMinutes(3));
        Assert.Equal(
            ["01:00 skipped: 2 min late; the next one would have ended its run at once", "02:00 skipped: the next one would have ended its run at once", "03:00 fired"],
            await bench.Ledger(trigger));
        Assert.Single(await bench.RunsOf(trigger));
    }

    [Fact]
    public async Task Runs_of_other_triggers_do_not_count()
    {
        await Fired("skip", 1);
        var trigger = await bench.Add("""
            "schedule": "* * * * *", "overlap": "skip", "payload": 2
            """);
        await bench.SweepAfter(Minute);
        Assert.Equal(["02:00 fired"], await bench.Ledger(trigger));
    }

    async Task<TriggerRow> Fired(string overlap, int times)
    {
        var trigger = await bench.Add($"""
            "schedule": "* * * * *", "overlap": "{overlap}"
            """);
        for (var i = 0; i < times; i++)
            await bench.SweepAfter(Minute);
        return trigger;
    }
}
