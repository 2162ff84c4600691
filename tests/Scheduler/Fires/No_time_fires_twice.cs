using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Scheduler.Fires;

/// <summary>One run for each nominal time, whoever fires it, however often, and whatever is in between.</summary>
[Collection(PostgresCollection.Name)]
public sealed class No_time_fires_twice(PostgresServer server) : IAsyncLifetime
{
    Database database = null!;
    FireBench one = null!;
    FireBench other = null!;

    public async Task InitializeAsync()
    {
        database = await Database.Make(server, Given.Job(maxConcurrency: 1000));
        (one, other) = (new(database), new(database));
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Theory]
    [InlineData("allow")]
    [InlineData("queue")]
    public async Task By_two_schedulers_that_fire_the_same_triggers_at_once(string overlap)
    {
        const int rounds = 15;
        var triggers = new List<TriggerRow>();
        for (var i = 0; i < 6; i++)
            triggers.Add(await one.Add($"""
                "schedule": "* * * * * *", "seconds": true, "overlap": "{overlap}", "payload": {i}
                """));

        for (var round = 0; round < rounds; round++)
        {
            foreach (var bench in new[] { one, other })
                bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAll(triggers.SelectMany(x => new[] { one, other, one, other }.Select(bench => bench.Firing.Fire(new(x.OrgId, x.Id))))
                .Append(one.Firing.Sweep()).Append(other.Firing.Sweep()));
        }

        // A turn that was skipped as somebody else had it leaves nothing behind.
        await one.Firing.Sweep();
        foreach (var trigger in triggers)
        {
            var fires = await one.Fires(trigger);
            Assert.Equal(Enumerable.Range(1, rounds).Select(x => ManualTime.Start.AddSeconds(x)), fires.Select(x => x.NominalAt));
            var runs = await one.RunsOf(trigger);
            Assert.Equal(fires.Where(x => x.RunId is not null).Select(x => x.RunId), runs.Select(x => x.Id.ToString()));
            Assert.Equal(overlap == "allow" ? rounds : 1, runs.Count);
            Assert.All(fires.Skip(1), x => Assert.Equal(overlap == "allow" ? "fired" : "queued", x.Outcome));
        }
    }

    [Fact]
    public async Task By_a_scheduler_whose_clock_is_behind()
    {
        var trigger = await one.Add("""
            "schedule": "* * * * *"
            """);
        await one.SweepAfter(TimeSpan.FromSeconds(61));
        await other.SweepAfter(TimeSpan.FromSeconds(59));
        await other.Firing.Fire(new(trigger.OrgId, trigger.Id));
        await other.SweepAfter(TimeSpan.FromSeconds(60));
        Assert.Equal(["01:00 fired"], await one.Ledger(trigger));
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task After_a_crash_between_the_ledger_and_the_start(string when)
    {
        var trigger = await one.Add("""
            "schedule": "* * * * *"
            """);
        Action<RunItem> crash = _ => throw new InvalidOperationException("killed");
        if (when == "before")
            one.BeforeTake = crash;
        else
            one.AfterTake = crash;
        await one.SweepAfter(TimeSpan.FromMinutes(1));
        Assert.Equal(["01:00 queued"], await one.Ledger(trigger));
        Assert.Equal(when == "before" ? 0 : 1, (await one.RunsOf(trigger)).Count);

        other.Time.Advance(TimeSpan.FromSeconds(63));
        await Task.WhenAll(other.Firing.Sweep(), other.Firing.Sweep());

        Assert.Equal(["01:00 fired"], await one.Ledger(trigger));
        var run = Assert.Single(await one.RunsOf(trigger));
        Assert.Equal(Fire.IdOf(trigger.Id, ManualTime.Start.AddMinutes(1)), run.Id);
    }

    [Fact]
    public async Task By_one_that_stood_still_before_the_start_while_another_replaced_it()
    {
        var trigger = await one.Add("""
            "schedule": "* * * * *", "overlap": "cancel_running"
            """);
        var held = new List<RunItem>();
        one.BeforeTake = item =>
        {
            held.Add(item);
            throw new InvalidOperationException("stopped");
        };
        await one.SweepAfter(TimeSpan.FromMinutes(1));
        await other.SweepAfter(TimeSpan.FromMinutes(2));

        // It goes on where it stood.
        var late = Assert.IsType<AcceptItem>(Assert.Single(held));
        await one.Runs.Commit(late);

        Assert.Equal((Acceptance.Existing, RunStatus.Cancelled), (late.Result, late.After!.Status));
        Assert.Equal(Fire.IdOf(trigger.Id, ManualTime.Start.AddMinutes(2)), Assert.Single(await one.RunsOf(trigger)).Id);
        Assert.Equal(["01:00 skipped: the next one has taken its place before it started", "02:00 fired"], await one.Ledger(trigger));
    }

    [Fact]
    public async Task A_run_that_began_stands_in_the_ledger_though_the_next_one_ended_it_before_anybody_said_so()
    {
        var trigger = await one.Add("""
            "schedule": "* * * * *", "overlap": "cancel_running"
            """);
        one.Runs.Serving();
        other.Runs.Serving();
        one.AfterTake = _ => throw new InvalidOperationException("killed");
        await one.SweepAfter(TimeSpan.FromMinutes(1));
        await other.SweepAfter(TimeSpan.FromMinutes(2));

        Assert.Equal(["01:00 fired", "02:00 fired"], await one.Ledger(trigger));
        var runs = await one.RunsOf(trigger);
        Assert.Equal([RunStatus.Cancelled, RunStatus.Running], runs.Select(x => x.Status));
        Assert.Equal(runs.Select(x => x.Id.ToString()), (await one.Fires(trigger)).Select(x => x.RunId));
        Assert.Empty((await one.Store.Work(other.Time.GetUtcNow(), 10, other.Time.GetUtcNow().AddHours(1))).Unstarted);
    }
}
