using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Fires;

namespace ReactorJobs.Tests.Scheduler.Fires;

/// <summary>Quartz on its clustered store, as the service's role may use it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Quartz_wakes_in_time(PostgresServer server) : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TriggerKey Trigger = new(Given.Org, "trg_1");

    readonly ConcurrentQueue<(string By, TriggerKey Trigger)> woken = new();
    DatabaseOptions options = null!;
    ServiceDatabase database = null!;

    public async Task InitializeAsync()
    {
        options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        await new SchedulerModule().Migrate(options, default);
        database = new(options, SchedulerDb.Schema);
    }

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task At_the_time_and_once_and_on_from_there()
    {
        var times = new ConcurrentQueue<DateTimeOffset>();
        QuartzWakeUps wakeUps = null!;
        wakeUps = WakeUps("one", () =>
        {
            times.Enqueue(Now);
            if (times.Count < 3)
                wakeUps.Set(Trigger, Now.AddMilliseconds(300));
        });
        await using var _ = wakeUps;
        var first = Now.AddSeconds(1);
        wakeUps.Set(Trigger, first);
        await Until(() => times.Count == 3);
        Assert.True(times.First() >= first.AddMilliseconds(-1), $"{times.First():O} is before {first:O}");
        await Until(async () => await Count("qrtz_triggers") == 0);
        Assert.All(woken, x => Assert.Equal(Trigger, x.Trigger));
    }

    [Fact]
    public async Task One_of_two_and_the_other_where_that_one_is_gone()
    {
        await using var one = WakeUps("one");
        await using var two = WakeUps("two");
        one.Begin();
        two.Begin();
        await Until(async () => await Count("qrtz_scheduler_state") == 2);
        for (var i = 0; i < 8; i++)
            one.Set(new(Given.Org, $"trg_{i}"), Now.AddMilliseconds(500));
        await Until(() => woken.Count == 8);
        Assert.Equal(8, woken.Select(x => x.Trigger).Distinct().Count());

        // Far enough off that none has taken it yet.
        one.Set(Trigger, Now.AddSeconds(8));
        await Until(async () => await Count("qrtz_triggers where trigger_state = 'WAITING'") == 1);
        await one.DisposeAsync();
        await Until(() => woken.Count == 9);
        Assert.Equal(("two", Trigger), woken.Last());
    }

    [Fact]
    public async Task What_is_taken_away_wakes_nobody()
    {
        await using var wakeUps = WakeUps("one");
        wakeUps.Set(Trigger, Now.AddHours(1));
        await Until(async () => await Count("qrtz_triggers") == 1);
        wakeUps.Set(Trigger, Now.AddHours(2));
        wakeUps.Set(Trigger, null);
        await Until(async () => await Count("qrtz_triggers") == 0);
        Assert.Empty(woken);
    }

    [Fact]
    public async Task It_begins_when_it_is_told()
    {
        var connected = 0;
        await using var wakeUps = new QuartzWakeUps(
            () => { connected++; return Source(); }, "one", _ => Task.CompletedTask, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Equal((false, 0), (wakeUps.HasBegun, connected));
        wakeUps.Begin();
        await Until(async () => await Count("qrtz_scheduler_state") == 1);
        Assert.Equal((true, 1), (wakeUps.HasBegun, connected));
    }

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    QuartzWakeUps WakeUps(string name, Action? then = null) => new(Source, name, key =>
    {
        woken.Enqueue((name, key));
        then?.Invoke();
        return Task.CompletedTask;
    }, TimeProvider.System, NullLoggerFactory.Instance);

    NpgsqlDataSource Source() => options.Connect(DatabaseOptions.ServiceRole(SchedulerDb.Schema), SchedulerDb.Schema, 6);

    async Task<long> Count(string what)
    {
        await using var connection = await database.OpenSweep();
        await using var command = new NpgsqlCommand($"select count(*) from {what}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    static Task Until(Func<bool> fact) => Until(() => Task.FromResult(fact()));

    static Task Until(Func<Task<bool>> fact) => FireBench.Until(fact).WaitAsync(Patience, TimeProvider.System);
}
