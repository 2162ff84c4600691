using Npgsql;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Retention;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler.Fires;

/// <summary>Pausing, resuming, firing by hand, deleting: what each does to what is due, and what the ledger says of it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Triggers_rest_and_end(PostgresServer server) : IAsyncLifetime
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    Database database = null!;
    FireBench bench = null!;

    public async Task InitializeAsync()
    {
        database = await Database.Make(server, Given.Job());
        bench = new(database);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task A_paused_one_does_not_fire_and_what_passed_meanwhile_is_not_made_up_for()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *", "misfire": "all"
            """);
        var key = new TriggerKey(trigger.OrgId, trigger.Id);
        bench.Time.Advance(Minute);
        Assert.True(await bench.Firing.Pause(key, true, default));
        Assert.Null(bench.Wakes[key]);
        await bench.SweepAfter(2 * Minute);
        Assert.Equal(["01:00 fired"], await bench.Ledger(trigger)); // what was due before is decided as ever

        Assert.True(await bench.Firing.Pause(key, false, default));
        Assert.Equal(ManualTime.Start.AddMinutes(4), bench.Wakes[key]);
        await bench.SweepAfter(Minute);

        Assert.Equal(["01:00 fired", "02:00 missed: the trigger was paused", "03:00 missed: the trigger was paused", "04:00 fired"], await bench.Ledger(trigger));
        Assert.Equal(2, (await bench.RunsOf(trigger)).Count);
    }

    [Fact]
    public async Task A_long_pause_does_not_fill_the_ledger()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *"
            """);
        var key = new TriggerKey(trigger.OrgId, trigger.Id);
        await bench.Firing.Pause(key, true, default);
        bench.Time.Advance(TimeSpan.FromDays(30));
        await bench.Firing.Pause(key, false, default);
        var fires = await bench.Fires(trigger);
        Assert.Equal(1000, fires.Count);
        Assert.Equal("the trigger was paused; those before it that are not listed were missed", fires[0].Reason);
    }

    [Fact]
    public async Task Pausing_and_resuming_twice_is_as_once()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *"
            """);
        var key = new TriggerKey(trigger.OrgId, trigger.Id);
        foreach (var paused in new[] { false, true, true, false, false })
        {
            await bench.Firing.Pause(key, paused, default);
            Assert.Equal(paused, (await bench.Triggers.Find(Given.Org, Given.JobName, trigger.Id, default))!.Paused);
        }

        await bench.SweepAfter(Minute);
        Assert.Equal(["01:00 fired"], await bench.Ledger(trigger));
    }

    [Fact]
    public async Task By_hand_it_fires_while_paused_and_beside_its_times()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *", "overlap": "skip", "payload": 7
            """);
        await bench.Firing.Pause(new(trigger.OrgId, trigger.Id), true, default);
        bench.Time.Advance(Minute); // to a nominal time, which is not taken from the schedule

        var runs = new[] { (await bench.Firing.FireNow(trigger, default))!, (await bench.Firing.FireNow(trigger, default))! };

        Assert.All(runs, x => Assert.Equal(("7", RunStatus.Pending), (x.Payload.ToString(), x.Status)));
        Assert.Equal("""{"nominal_at":"2026-03-01T12:01:00.001Z","by_hand":true}""", runs[0].Trigger.Detail.ToString());
        Assert.Equal(runs.Select(x => x.Id.ToString()), (await bench.Fires(trigger)).Select(x => x.RunId));
        Assert.All(await bench.Fires(trigger), x => Assert.Equal(("fired", "fired by hand"), (x.Outcome, x.Reason)));
    }

    [Fact]
    public async Task A_deleted_one_fires_no_more_and_leaves_nothing_waiting()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *", "overlap": "queue"
            """);
        await bench.SweepAfter(Minute);
        await bench.SweepAfter(Minute);
        await bench.Triggers.Remove(Given.Org, Given.JobName, trigger.Id, default);
        Assert.Null(bench.Wakes[new(trigger.OrgId, trigger.Id)]);

        await bench.SweepAfter(Minute);

        Assert.Equal(["01:00 fired", "02:00 skipped: the trigger was deleted"], await bench.Ledger(trigger));
        Assert.Equal((0L, 0L), (await Count("cron_trigger"), await Count("fire where open")));
    }

    [Fact]
    public async Task Of_a_deleted_job_none_is_left()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *"
            """);
        await bench.Triggers.Replace(Given.Org, Given.JobName, [], default);
        await database.Registry.Delete(Given.Org, Given.JobName, bench.Time.GetUtcNow(), default);
        await bench.SweepAfter(Minute);
        Assert.Empty(await bench.RunsOf(trigger));
        Assert.Equal(0L, await Count("cron_trigger"));
    }

    [Fact]
    public async Task What_is_old_goes_from_the_ledger_but_for_what_has_not_ended()
    {
        var held = await bench.Add("""
            "schedule": "0 0 1 1 *", "overlap": "skip"
            """);
        var run = (await bench.Firing.FireNow(held, default))!;
        var paused = await bench.Add("""
            "schedule": "* * * * *"
            """);
        await bench.Firing.Pause(new(paused.OrgId, paused.Id), true, default);
        bench.Time.Advance(TimeSpan.FromDays(2));
        await bench.Firing.Pause(new(paused.OrgId, paused.Id), false, default);
        await bench.Firing.Pause(new(paused.OrgId, paused.Id), true, default);
        var nowhere = new Uri("http://127.0.0.1:1");
        var retention = new RunRetention(database.Service, new InternalCalls(nowhere, nowhere, nowhere, nowhere, "secret"), bench.Time);

        bench.Time.Advance(TimeSpan.FromDays(28));
        await retention.Round(default);
        Assert.Equal((1, 1000), ((await bench.Fires(held)).Count, (await bench.Fires(paused)).Count));
        bench.Time.Advance(TimeSpan.FromDays(3));
        await retention.Round(default);
        Assert.Equal((1, 0), ((await bench.Fires(held)).Count, (await bench.Fires(paused)).Count));

        await bench.Runs.Cancel(run.Id);
        await retention.Round(default);
        Assert.Empty(await bench.Fires(held));
    }

    [Fact]
    public async Task A_manifest_leaves_alone_what_it_names_again()
    {
        var kept = await bench.Add("""
            "schedule": "0 9 * * 1"
            """);
        var gone = await bench.Add("""
            "schedule": "0 10 * * 1"
            """);
        await bench.SweepAfter(Minute);
        var wanted = new[] { "0 9 * * 1", "0 11 * * 1" }.Select(x => Request(x)).ToArray();
        Assert.True(await bench.Triggers.Replace(Given.Org, Given.JobName, wanted, default));
        Assert.False(await bench.Triggers.Replace(Given.Org, Given.JobName, wanted, default));

        var left = await bench.Triggers.List(Given.Org, Given.JobName, default);
        Assert.Equal(["0 9 * * 1", "0 11 * * 1"], left.Select(x => x.Schedule));
        Assert.Equal(kept.Id, left[0].Id);
        Assert.DoesNotContain(gone.Id, left.Select(x => x.Id));
    }

    static CronTrigger Request(string schedule) => CronTrigger.Of($$"""{"schedule":"{{schedule}}"}""");

    async Task<long> Count(string what)
    {
        await using var connection = await database.Service.OpenSweep();
        await using var command = new NpgsqlCommand($"select count(*) from {what}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
