using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Starts that other services ask for: with all that they name, and with a word about those that do not come to be.</summary>
[Collection(PostgresCollection.Name)]
public sealed class A_start_that_cannot_be_is_told(PostgresServer server)
{
    [Fact]
    public async Task And_committed_until_the_events_service_has_it()
    {
        await using var database = await Database.Make(server, Given.Job());
        var bench = new RunBench(database.Store);
        await using var loop = new GroupLoop<RunItem>(200, items => bench.Commit([.. items]), TimeProvider.System, NullLogger.Instance);
        var published = new List<OutboxMessage>();
        var outbox = new Outbox(message =>
        {
            published.Add(message);
            return Task.FromException(new NotConfirmed("The events service is away."));
        }, NullLogger.Instance);
        var starts = new RunStarts(new(loop), database.Service, outbox, new IdSource(bench.Time), new SchedulerOptions(), bench.Time, NullLogger<RunStarts>.Instance);
        RunStart Start(string job, RunTrigger? trigger = null) => new(Given.Org, bench.NewId(), job, RawJson.Trusted("1"), trigger ?? new(TriggerKinds.Sql));

        var at = ManualTime.Start.AddHours(1);
        var (full, again) = (Start(Given.JobName) with { RunAt = at, Priority = 10, TimeoutMs = 5_000, IdempotencyKey = "k" }, Start(Given.JobName) with { IdempotencyKey = "k" });
        var message = new StartRun(
        [
            full, full, again, again with { RunId = bench.NewId(), Payload = RawJson.Trusted("2") }, Start("missing"), Start("gone", new(TriggerKinds.Event, "trg_1")),
            Start(Given.JobName) with { TimeoutMs = 3_600_001 },
        ]);
        await starts.Take(message, default);

        var found = Assert.Single(await new RunQueries(database.Service).List(Given.Org, new(), 10, default));
        var run = (await new RunQueries(database.Service).Find(Given.Org, full.RunId, default))!;
        Assert.Equal((full.RunId.Value, at, (short)10, 5_000L), (found.Id, run.RunAt, run.Priority, run.TimeoutMs));
        var refused = JsonDocument.Parse(Assert.Single(published).Body).RootElement.GetProperty("message").Deserialize<StartsRefused>(JsonSerializerOptions.Web)!.Refused;
        Assert.Equal(
            [
                (again.RunId, RefusalCodes.AlreadyStarted), (message.Starts[3].RunId, RefusalCodes.IdempotencyConflict), (message.Starts[4].RunId, RefusalCodes.JobNotFound),
                (message.Starts[5].RunId, RefusalCodes.JobNotFound), (message.Starts[6].RunId, RefusalCodes.InvalidRequest),
            ],
            refused.Select(x => (x.RunId, x.Code)));
        Assert.Contains(full.RunId.ToString(), refused[0].Reason, StringComparison.Ordinal);
        Assert.Equal((Queues.Refusals, Given.Org), (published[0].Queue, published[0].OrgId));
        Assert.Equal(published[0].Id, Assert.Single(await database.Store.ReadOutbox(TimeProvider.System.GetUtcNow().AddMinutes(1), 10)).Id);
    }
}
