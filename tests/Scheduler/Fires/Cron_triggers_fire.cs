using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler.Fires;

/// <summary>From the schedule to the run, with what becomes of each nominal time in the ledger (product B2).</summary>
[Collection(PostgresCollection.Name)]
public sealed class Cron_triggers_fire(PostgresServer server) : IAsyncLifetime
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    Database database = null!;
    FireBench bench = null!;

    public async Task InitializeAsync()
    {
        database = await Database.Make(server, Given.Job(maxConcurrency: 2));
        bench = new(database);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Each_time_starts_a_run_with_the_payload_and_its_nominal_time()
    {
        var trigger = await bench.Add("""
            "schedule": "*/5 * * * *", "payload": {"report": "daily"}
            """);
        Assert.Equal(ManualTime.Start.AddMinutes(5), bench.Wakes[new(Given.Org, trigger.Id)]);
        await bench.SweepAfter(TimeSpan.FromMinutes(4.9));
        Assert.Empty(await bench.Fires(trigger));

        await bench.SweepAfter(TimeSpan.FromMinutes(0.2));

        var run = Assert.Single(await bench.RunsOf(trigger));
        Assert.Equal("""{"report":"daily"}""", run.Payload.ToString());
        Assert.Equal(("cron", trigger.Id, """{"nominal_at":"2026-03-01T12:05:00.000Z"}"""), (run.Trigger.Kind, run.Trigger.Id, run.Trigger.Detail.ToString()));
        Assert.Equal(Fire.IdOf(trigger.Id, ManualTime.Start.AddMinutes(5)), run.Id);
        Assert.Equal(ManualTime.Start.AddMinutes(5), run.RunAt);
        Assert.Equal([new FireView(ManualTime.Start.AddMinutes(5), "fired", run.Id.ToString(), null)], await bench.Fires(trigger));
        Assert.Equal(ManualTime.Start.AddMinutes(10), bench.Wakes[new(Given.Org, trigger.Id)]);
    }

    [Fact]
    public async Task A_text_does_as_well_from_the_first_range_on_that_begins()
    {
        var trigger = await bench.Add("""
            "text": "every 5 mins", "misfire": "all"
            """);
        Assert.Equal(ManualTime.Start.AddMinutes(5), bench.Wakes[new(Given.Org, trigger.Id)]);

        await bench.SweepAfter(TimeSpan.FromMinutes(12));

        Assert.Equal(
            [(ManualTime.Start.AddMinutes(5), "caught_up"), (ManualTime.Start.AddMinutes(10), "caught_up")],
            (await bench.Fires(trigger)).Select(x => (x.NominalAt, x.Outcome)));
        Assert.Equal(ManualTime.Start.AddMinutes(15), bench.Wakes[new(Given.Org, trigger.Id)]);
        var shown = bench.Triggers.Show(trigger);
        Assert.Equal(("every 5 mins", null, null, "every 5 mins"), (shown.Text, shown.Schedule, shown.Seconds, shown.Description));
    }

    [Fact]
    public async Task They_wait_over_the_jobs_limits_instead_of_being_refused()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *"
            """);
        for (var i = 0; i < 4; i++)
            await bench.SweepAfter(Minute);
        Assert.Equal(4, (await bench.RunsOf(trigger)).Count(x => x.Status == RunStatus.Pending));
    }

    [Fact]
    public async Task Nothing_begins_before_there_is_one()
    {
        await bench.Firing.Sweep();
        Assert.Equal(0, bench.Begun);
        await bench.Add("""
            "schedule": "@daily"
            """);
        await bench.Firing.Sweep();
        await bench.Firing.Sweep();
        Assert.Equal(1, bench.Begun);
    }

    [Theory]
    [InlineData("skip", 0, "missed")]
    [InlineData("last", 1, "missed")]
    [InlineData("all", 5, "caught_up")]
    public async Task A_scheduler_that_was_away_for_an_hour_does_what_misfire_says_and_the_ledger_tells_it(string misfire, int started, string others)
    {
        var trigger = await bench.Add($"""
            "schedule": "*/12 * * * *", "misfire": "{misfire}"
            """);

        await bench.SweepAfter(TimeSpan.FromMinutes(62));

        var fires = await bench.Fires(trigger);
        Assert.Equal([12, 24, 36, 48, 60], fires.Select(x => (int)(x.NominalAt - ManualTime.Start).TotalMinutes));
        Assert.All(fires.SkipLast(1), x => Assert.Equal(others, x.Outcome));
        Assert.Equal(misfire == "skip" ? "missed" : "caught_up", fires[^1].Outcome);
        Assert.Equal("50 min late" + (misfire == "all" ? "" : misfire == "last" ? ", and only the newest is caught up" : ", and nothing is caught up"), fires[0].Reason);
        var runs = await bench.RunsOf(trigger);
        Assert.Equal(started, runs.Count);
        Assert.Equal(fires.Where(x => x.RunId is not null).Select(x => x.RunId), runs.Select(x => x.Id.ToString()));
    }

    [Fact]
    public async Task More_than_are_listed_are_told_by_the_oldest_that_is()
    {
        var trigger = await bench.Add("""
            "schedule": "* * * * *", "misfire": "skip"
            """);
        await bench.SweepAfter(TimeSpan.FromDays(1));
        var fires = await bench.Fires(trigger);
        Assert.Equal(1000, fires.Count);
        Assert.EndsWith("those before it that are not listed were missed", fires[0].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("not listed", fires[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jitter_delays_the_start_and_not_the_fire()
    {
        var trigger = await bench.Add("""
            "schedule": "*/30 * * * *", "jitter": "10m"
            """);
        await bench.SweepAfter(TimeSpan.FromMinutes(30));
        var run = Assert.Single(await bench.RunsOf(trigger));
        var jitter = ReactorJobs.Scheduler.Cron.Jitter.DelayOf(trigger.Id, ManualTime.Start.AddMinutes(30), TimeSpan.FromMinutes(10));
        Assert.InRange(jitter, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        Assert.Equal((ManualTime.Start.AddMinutes(30) + jitter, false), (run.RunAt, run.Due));
        Assert.Equal(["30:00 fired"], await bench.Ledger(trigger));
    }

    [Fact]
    public async Task A_fixed_time_that_the_clocks_skip_fires_as_they_go_on()
    {
        var trigger = await bench.Add("""
            "schedule": "30 2 * * *", "timezone": "America/New_York"
            """);
        await bench.SweepAfter(new DateTimeOffset(2026, 3, 7, 12, 0, 0, TimeSpan.Zero) - ManualTime.Start);
        await bench.SweepAfter(new DateTimeOffset(2026, 3, 8, 7, 0, 1, TimeSpan.Zero) - bench.Time.GetUtcNow());
        var last = (await bench.Fires(trigger))[^1];
        Assert.Equal((new(2026, 3, 8, 7, 0, 0, TimeSpan.Zero), "moved"), (last.NominalAt, last.Outcome));
        Assert.NotNull(last.RunId);
        Assert.StartsWith("moved: 2026-03-08 02:30 does not exist", last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_again_is_the_one_that_is_there_however_it_is_spelled()
    {
        var trigger = await bench.Add("""
            "schedule": "0 9 * * mon", "payload": {"a": [1.0, "x y"]}
            """);
        var again = await bench.Add("""
            "cron": " 0  9 * *\tMON ", "timezone": "UTC", "seconds": false, "misfire": "last", "misfireWindow": "24h", "jitter": 0, "payload": { "a" : [1.0,"x y"] }
            """);
        var other = await bench.Add("""
            "schedule": "0 9 * * mon", "payload": {"a": [1, "x y"]}
            """);
        Assert.Equal(trigger.Id, again.Id);
        Assert.NotEqual(trigger.Id, other.Id);

        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => bench.Add("""
            "schedule": "@hourly"
            """)));
        Assert.Single(added.Select(x => x.Id).Distinct());
    }

    [Fact]
    public async Task One_that_cannot_be_read_any_more_keeps_no_other_from_firing()
    {
        var lost = await bench.Add("""
            "schedule": "* * * * *", "timezone": "Europe/Berlin"
            """);
        var sound = await bench.Add("""
            "schedule": "* * * * *"
            """);
        await database.Service.InOrg(Given.Org, async connection =>
        {
            await using var command = new Npgsql.NpgsqlCommand("update trigger set settings = replace(settings, 'Berlin', 'Atlantis') where id = $1", connection) { Parameters = { new() { Value = lost.Id } } };
            return await command.ExecuteNonQueryAsync();
        });

        await bench.SweepAfter(Minute);

        Assert.Single(await bench.RunsOf(sound));
        Assert.Empty(await bench.Fires(lost));
        var shown = await bench.Triggers.List(Given.Org, Given.JobName, default);
        Assert.StartsWith("does not fire: /timezone: must be a time zone", shown.Single(x => x.Id == lost.Id).Description, StringComparison.Ordinal);
        Assert.True(await bench.Triggers.Remove(Given.Org, Given.JobName, lost.Id, default));
    }
}
