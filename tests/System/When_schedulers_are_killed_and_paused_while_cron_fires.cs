using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// Crons of each second, while the schedulers are killed, and stand still for longer than their leases: no nominal second has two runs, and none
/// is missing that the ledger does not explain. It takes <c>REACTOR_CRON_SECONDS</c> (20), with the choices of <c>REACTOR_SEED</c>.
/// </summary>
public sealed class When_schedulers_are_killed_and_paused_while_cron_fires(ITestOutputHelper output) : IAsyncLifetime
{
    const string Job = "beat";

    static readonly TimeSpan Length = TimeSpan.FromSeconds(Setting("REACTOR_CRON_SECONDS", 20));

    /// <summary>What a scheduler leases, it has lost after that.</summary>
    static readonly TimeSpan BeyondTheLease = TimeSpan.FromSeconds(16);

    static readonly string[] Schedulers = ["scheduler-1", "scheduler-2"];

    static readonly object[] Triggers =
    [
        new { kind = "cron", schedule = "* * * * * *", seconds = true, misfire = "all" },
        new { kind = "cron", schedule = "* * * * * *", seconds = true, misfire = "last", payload = "last" },
        new { kind = "cron", schedule = "* * * * * *", seconds = true, misfire = "all", overlap = "skip" },
        new { kind = "cron", schedule = "*/2 * * * * *", seconds = true, misfire = "all", overlap = "queue" },
        new { kind = "cron", schedule = "* * * * * *", seconds = true, misfire = "all", overlap = "cancel_running" },
        new { kind = "cron", schedule = "*/3 * * * * *", seconds = true, misfire = "all", jitter = "2s" },
    ];

    readonly int seed = Setting("REACTOR_SEED", (int)(TimeProvider.System.GetTimestamp() & 0xffffff));
    readonly SuiteProcess suite = new() { InSeveralProcesses = true, Scale = "scheduler=2" };
    WorkerProcess worker = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite.Launch();
        await suite.Serves();
        api = new(suite.Url, suite.Token);
        worker = WorkerProcess.Start(suite, "beats.mjs");
    }

    public async Task DisposeAsync()
    {
        if (worker is not null)
            await worker.DisposeAsync();
        api?.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task No_second_has_two_runs_and_none_is_missing_without_a_reason()
    {
        output.WriteLine($"REACTOR_SEED={seed}");
        await api.Job(Job, new { max_concurrency = 1000 });
        await using var database = await suite.OpenDatabase();
        Assert.Equal(0, await database.Count("select count(*) from scheduler.qrtz_scheduler_state"));
        var ids = new List<string>();
        foreach (var trigger in Triggers)
            ids.Add((string)(await api.Persist(HttpMethod.Post, $"/jobs/v1/_admin/jobs/{Job}/triggers", JsonSerializer.Serialize(trigger))).Is(HttpStatusCode.Created).Json["id"]!);

        await Until.True("Quartz has begun at both", async () => await database.Count("select count(*) from scheduler.qrtz_scheduler_state") == 2);
        await Disturb(new Random(seed));
        foreach (var id in ids)
            (await api.Persist(HttpMethod.Patch, $"/jobs/v1/_admin/jobs/{Job}/triggers/{id}", """{"paused": true}""")).Is(HttpStatusCode.OK);

        try
        {
            await Until.True("all that was decided is done", async () => await database.Count("select count(*) from scheduler.fire where run_id is not null and started_at is null") == 0
                && await database.Count("select count(*) from scheduler.run where completed_at is null") == 0);
        }
        finally
        {
            await Tell(database);
        }


        Assert.Equal(0, await database.Count("select count(*) from (select 1 from scheduler.run where trigger_id is not null group by trigger_id, trigger_detail having count(*) > 1) x"));
        // A run that replaced one which had not started yet leaves that one's id ended, and nothing else, not even its trigger.
        Assert.Equal(0, await database.Count("""
            select count(*) from scheduler.run r where not exists (select from scheduler.fire f where f.run_id = r.id)
              and not (r.status = 'cancelled' and r.started_at is null)
            """));
        Assert.Equal(0, await database.Count("select count(*) from scheduler.fire f where f.run_id is not null and not exists (select from scheduler.run r where r.id = f.run_id)"));
        Assert.Equal(0, await database.Count("select count(*) from scheduler.run where status not in ('completed', 'cancelled')"));
        // What the handler saw of its trigger is what the ledger says.
        Assert.Equal(0, await database.Count("""
            select count(*) from scheduler.run r join scheduler.fire f on f.run_id = r.id
            where r.status = 'completed' and (r.result::json #>> '{detail,nominal_at}')::timestamptz is distinct from f.nominal_at
            """));
        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
            await IsWhole(id, every: i == 3 ? 2 : i == 5 ? 3 : 1);
    }

    /// <summary>Kills a scheduler, or lets it stand still; then the other one may die, too.</summary>
    async Task Disturb(Random dice)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
        for (var round = 0; TimeProvider.System.GetElapsedTime(began) < Length; round++)
        {
            var victim = dice.Next(2);
            if (round == 0 || dice.Next(2) == 0)
            {
                var still = round == 0 ? BeyondTheLease : dice.NextDouble() * BeyondTheLease * 1.5;
                var process = suite.Processes()[Schedulers[victim]];
                output.WriteLine($"{Schedulers[victim]} ({process}) stands still for {still.TotalSeconds:0.0} s");
                Signals.Stop(process);
                await Task.Delay(still / 2, TimeProvider.System);
                if (dice.Next(3) == 0)
                    await Kill(Schedulers[1 - victim]);
                await Task.Delay(still / 2, TimeProvider.System);
                Signals.Continue(process);
            }
            else
            {
                await Kill(Schedulers[victim]);
            }

            await Task.Delay(TimeSpan.FromSeconds(dice.NextDouble() * 4), TimeProvider.System);
        }
    }

    async Task Kill(string name)
    {
        var process = suite.Processes()[name];
        output.WriteLine($"{name} ({process}) is killed");
        Child.Signal(process, "KILL");
        await Until.True($"another {name} is listed", () => Task.FromResult(suite.Processes()[name] != process));
    }

    /// <summary>The ledger has each of the schedule's times, each once, with a run or a reason.</summary>
    async Task IsWhole(string trigger, int every)
    {
        var fires = (await api.All($"/jobs/v1/_admin/jobs/{Job}/triggers/{trigger}/fires?limit=500")).Reverse().ToArray();
        var times = fires.Select(x => DateTimeOffset.Parse((string)x["nominal_at"]!, CultureInfo.InvariantCulture).ToUnixTimeSeconds()).ToArray();
        // The last one may wait for its jitter when the trigger is paused.
        Assert.True(times.Length >= (int)Length.TotalSeconds / every - 1, $"{trigger} has {times.Length} entries");
        for (var i = 1; i < times.Length; i++)
            Assert.True(times[i] - times[i - 1] == every, $"{trigger} has nothing between {fires[i - 1]["nominal_at"]} and {fires[i]["nominal_at"]}");
        Assert.All(fires, x => Assert.True((string?)x["run_id"] is not null != (string?)x["outcome"] is "skipped" or "missed", x.ToJsonString()));
        Assert.All(fires, x => Assert.True(x["run_id"] is not null || x["reason"] is not null, x.ToJsonString()));
    }

    async Task Tell(NpgsqlConnection database)
    {
        await using var command = new NpgsqlCommand(
            """
            select concat_ws(' ', t.settings, f.outcome, count(*)) || coalesce(format(', decided %s ms late, at most %s', percentile_cont(0.5) within group (order by late)::int, max(late)::int), '')
            from (select *, extract(epoch from decided_at - nominal_at) * 1000 as late from scheduler.fire) f join scheduler.trigger t on t.id = f.trigger_id
            group by t.id, t.settings, f.outcome order by t.id, f.outcome
            """, database);
        await Print(command);
        await using var left = new NpgsqlCommand(
            """
            (select concat_ws(' ', 'left:', f.outcome, 'of', f.nominal_at, 'decided', f.decided_at, r.status, r.epoch, 'from', r.created_at)
             from scheduler.fire f left join scheduler.run r on r.id = f.run_id where f.run_id is not null and f.started_at is null order by f.decided_at limit 20)
            union all
            (select concat_ws(' ', 'left:', r.status, r.epoch, 'due', r.due, 'from', r.created_at, 'line', r.queued_at, 'dispatched', r.dispatched_at, r.trigger_detail)
             from scheduler.run r where r.completed_at is null order by r.created_at limit 20)
            union all
            select concat_ws(' ', 'load:', job, due, running) from scheduler.job_load
            """, database);
        await Print(left);
    }

    async Task Print(NpgsqlCommand command)
    {
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            output.WriteLine(reader.GetString(0));
    }

    static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}
