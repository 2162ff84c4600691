using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Executor.Schedules;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Executor;

[Collection(WithPostgres.Name)]
public sealed class What_is_scheduled_is_found_on_its_way(ExecutorDatabase server) : IAsyncLifetime
{
    const string Org = "on-its-way";

    readonly ServiceDatabase database = new(server.Options, "executor", 4);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task By_its_org_until_the_scheduler_has_taken_it()
    {
        var taken = new TaskCompletionSource();
        var bench = new Bench(new PostgresAttemptStore(database), _ => taken.Task);
        var run = bench.NewRun(org: Org, run: new RunId(IdSource.Derive(new IdSource(TimeProvider.System).Next(), Org)));
        await bench.Claim(run);
        var start = new ScheduledStart(AttemptMessages.ScheduledRunOf(run.RunId, "schedule:0", 0), "ns:fn", RawJson.Trusted("[1.50]"), null, 60_000);
        await bench.Do(new CheckpointItem(RunKey.Of(run), 1, new("schedule:0", default) { Schedules = [start] }, null));

        var underWay = new StartsUnderWay(database);
        var found = (await underWay.Find(Org, start.Run, default))!;
        Assert.Equal(("ns:fn", "[1.50]", bench.Time.GetUtcNow().AddMinutes(1), run.RunId.ToString()), (found.Job, found.Payload.ToString(), found.RunAt, found.Trigger.Id));
        Assert.Equal([start.Run], (await underWay.All(Org, 10, default)).Select(x => x.RunId));
        Assert.Null(await underWay.Find("another", start.Run, default));
        Assert.Empty(await underWay.All("another", 10, default));

        taken.SetResult();
        await bench.Complete(run); // the next group deletes what is confirmed
        await bench.Do(new FlushOutboxItem());
        Assert.Null(await underWay.Find(Org, start.Run, default));
    }
}
