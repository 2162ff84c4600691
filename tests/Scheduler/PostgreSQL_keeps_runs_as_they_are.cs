using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>What the state machine is tested with in memory is what the database gives back, to the last field.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgreSQL_keeps_runs_as_they_are(PostgresServer server) : IAsyncLifetime
{
    static readonly short[] AllShards = [.. Enumerable.Range(0, Shards.Count).Select(x => (short)x)];

    Database database = null!;

    public static TheoryData<string> Statuses => [.. RunAt.Statuses];

    public async Task InitializeAsync() => database = await Database.Make(server, Given.Job());

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task At_each_status(string status)
    {
        var expected = await RunAt.Status(status);
        var bench = new RunBench(database.Store);
        var id = await RunAt.Lead(bench, status);
        Assert.Equal(expected.Id, id);

        await using var transaction = await database.Store.Open(new([Given.Org], [new(Given.Org, Given.JobName)], [new(Given.Org, id)], [], []));
        var (job, load) = Assert.Single(transaction.Loads);
        Assert.Equal(Text(expected.Run), Text(Assert.Single(transaction.Runs).Value));
        Assert.Equal(expected.Load, (load.Due, load.Running));
        Assert.Equal((Given.Job(), new(Given.Org, Given.JobName)), (load.Job, job));
        Assert.Equal(expected.Store.Timers.Values, await database.Store.ReadTimers(AllShards, DateTimeOffset.MaxValue, 10));
        Assert.Equal((await expected.Store.ReadDispatched(DateTimeOffset.MaxValue, 10)), await database.Store.ReadDispatched(DateTimeOffset.MaxValue, 10));
        Assert.Equal((await expected.Store.ReadWaitingJobs()), await database.Store.ReadWaitingJobs());
    }

    [Theory]
    [InlineData(RunAt.Delayed)]
    [InlineData(RunStatus.Sleeping)]
    [InlineData(RunStatus.Retrying)]
    public async Task A_timer_that_is_told_is_still_the_one_that_is_stored(string status)
    {
        var bench = new RunBench(database.Store);
        // Clocks tick in tenths of a microsecond, the database in whole ones.
        bench.Time.Advance(TimeSpan.FromTicks(1_234_567));
        var id = await RunAt.Lead(bench, status);
        var told = Assert.Single(bench.Committed.SelectMany(x => x.TimersSet));

        Assert.Equal([told], await database.Store.ReadTimers(AllShards, DateTimeOffset.MaxValue, 10));
        bench.Time.Advance(RunAt.Nap);
        var run = await bench.Due(id, told.Epoch, told.DueAt);
        Assert.Null(run!.WakeAt);
    }

    [Fact]
    public async Task A_payload_passes_through_byte_by_byte()
    {
        var bench = new RunBench(database.Store);
        const string odd = """{ "a" : 1.0e2, "b":"\u0000\ud83d\ude00 ü", "a": [ ] }""";
        var id = bench.NewId();
        var item = new AcceptItem(new(Given.Org, Given.JobName), new(Given.Org, id), job => new AcceptRun(Given.Org, id, job, RawJson.Trusted(odd), RunTrigger.Manual));
        await bench.Commit(item);

        await using var transaction = await database.Store.Open(new([Given.Org], [], [new(Given.Org, id)], [], []));
        Assert.Equal(odd, transaction.Runs.Values.Single().Payload.ToString());
    }

    [Fact]
    public async Task Waiting_runs_come_in_the_order_of_their_turn()
    {
        var bench = new RunBench(database.Store);
        var items = new[] { bench.Accepting(priority: -10), bench.Accepting(), bench.Accepting(priority: 10), bench.Accepting() };
        await bench.Commit(items);

        await using var transaction = await database.Store.Open(new([Given.Org], [new(Given.Org, Given.JobName)], [], [], [(new(Given.Org, Given.JobName), 3)]));
        Assert.Equal([items[2].Answer, items[1].Answer, items[3].Answer], transaction.Waiting.Select(x => x.Id));
    }

    [Fact]
    public async Task A_group_that_is_given_up_changes_nothing()
    {
        var bench = new RunBench(database.Store);
        var id = await bench.Accept();
        var keys = new RunKeys([Given.Org], [new(Given.Org, Given.JobName)], [new(Given.Org, id)], [], []);
        await using (var given = await database.Store.Open(keys))
            Assert.Single(given.Runs);

        // Its locks are gone with it: this would wait otherwise.
        await using var next = await database.Store.Open(keys);
        Assert.Equal(RunStatus.Pending, next.Runs.Values.Single().Status);
    }

    static string Text(Run run) => JsonSerializer.Serialize(run);
}
