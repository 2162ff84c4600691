using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Recovery;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Executor;

/// <summary>What every store of attempts must do, seen from the engine.</summary>
public abstract partial class AttemptStoreConformance
{
    protected abstract IAttemptStore Store { get; }

    /// <summary>Orgs of its own for each test, so that tests may share a server.</summary>
    readonly string org = "org-" + Guid.Parse(Ulid.Create(TimeProvider.System.GetUtcNow(), System.Security.Cryptography.RandomNumberGenerator.GetBytes(10)).ToString());

    Bench Bench() => new(Store);

    ExecuteRun NewRun(Bench bench, int epoch = 1, RunId? run = null, RunId? shares = null) =>
        bench.NewRun(epoch, org, run ?? new RunId(IdSource.Derive(bench.Ids.Next(), org)), shares);

    [Fact]
    public async Task A_journal_comes_back_in_the_order_of_its_commits_with_everything_in_it()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        await bench.Engine.Process(
        [
            new CheckpointItem(RunKey.Of(run), 1, new("step:z", RawJson.Trusted("{\"a\": 1}"), RawJson.Trusted("{\"k\":null}"), [new("t", RawJson.Trusted("1"))], null, bench.Time.GetUtcNow(), 12), null),
            new CheckpointItem(RunKey.Of(run), 1, new("step:a", RawJson.Null), null),
        ]);
        await bench.Step(run, "sleep:b", "null", sleepMs: 5000);
        await bench.End(run, new(AttemptOutcomes.Suspended, WaitKeys: ["sleep:b"]));

        var claim = await bench.Claim(run with { Epoch = 2 });

        Assert.Equal(ClaimDecision.Claimed, claim.Decision);
        Assert.Equal(["step:z", "step:a", "sleep:b"], claim.Journal.Select(x => x.Key));
        var first = claim.Journal[0];
        Assert.Equal(("{\"a\": 1}", "{\"k\":null}", 1, 12L, bench.Time.GetUtcNow()), (first.Output.ToString(), first.State.ToString(), first.Epoch, first.DurationMs, first.StartedAt));
        Assert.Equal(["t"], first.Topics!);
        Assert.Equal(bench.Time.GetUtcNow().AddMilliseconds(5000), claim.Journal[2].DueAt);
        Assert.True(claim.Journal[1].Output.IsNull);
    }

    [Fact]
    public async Task An_older_epoch_is_fenced_off()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        Assert.Equal(ClaimDecision.Claimed, (await bench.Claim(run with { Epoch = 2 })).Decision);

        Assert.Equal(RefuseCodes.Superseded, (await bench.Step(run, "step:a")).Verdict.Code);
        Assert.Equal(RefuseCodes.Superseded, (await bench.Complete(run)).Verdict.Code);
        Assert.Equal(ClaimDecision.Superseded, (await bench.Claim(run)).Decision);
        Assert.True((await bench.Step(run with { Epoch = 2 }, "step:a")).Verdict.IsAck);
    }

    [Fact]
    public async Task An_outcome_is_repeated_when_its_dispatch_comes_again()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        await bench.End(run, new(AttemptOutcomes.Failed, Error: new("E", "m", "c", "s", "step"), Fatal: true, RetryAfterMs: 7));
        var first = Bench_Finished(bench);

        Assert.Equal(ClaimDecision.Ended, (await bench.Claim(run)).Decision);

        Assert.Equal(2, bench.Sent.Count);
        Assert.NotEqual(bench.Sent[0].Id, bench.Sent[1].Id);
        Assert.Equal(first, Bench_Finished(bench));
    }

    static AttemptFinished Bench_Finished(Bench bench) => Executor.Bench.Body<AttemptFinished>(bench.Sent[^1]);

    [Fact]
    public async Task A_result_is_repeated_as_it_was_given()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        await bench.Complete(run, "{\"a\": [1,  2], \"n\": \"\\u0000\"}");
        await bench.Claim(run);
        Assert.Equal("{\"a\": [1,  2], \"n\": \"\\u0000\"}", Bench_Finished(bench).Result.ToString());
    }

    [Fact]
    public async Task A_suspension_is_repeated_with_its_waits()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        await bench.Step(run, "sleep:b", "null", sleepMs: 5000);
        await bench.End(run, new(AttemptOutcomes.Suspended, WaitKeys: ["sleep:b"]));
        await bench.Claim(run);
        var suspended = Executor.Bench.Body<AttemptSuspended>(bench.Sent[^1]);
        Assert.Equal([new WaitCondition("time", "sleep:b", bench.Time.GetUtcNow().AddMilliseconds(5000))], suspended.Waits);
    }

    [Fact]
    public async Task Entries_are_written_once()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Claim(run);
        var due = (await bench.Step(run, "sleep:a", "null", sleepMs: 1000)).Verdict.Due;
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        var again = await bench.Step(run, "sleep:a", "null", sleepMs: 1000);
        Assert.True(again.Verdict.IsAck);
        Assert.Equal(due, again.Verdict.Due);

        await bench.Claim(run with { Epoch = 2 });
        Assert.Equal(RefuseCodes.Duplicate, (await bench.Step(run with { Epoch = 2 }, "sleep:a", "null", sleepMs: 1000)).Verdict.Code);
    }

    [Fact]
    public async Task A_retry_takes_over_the_journal_that_it_shares()
    {
        var bench = Bench();
        var failed = NewRun(bench);
        await bench.Claim(failed);
        await bench.Step(failed, "step:a", "\"kept\"", [new("t", RawJson.Trusted("1"))]);
        await bench.End(failed, new(AttemptOutcomes.Failed, Error: new("E", "m")));

        var retry = NewRun(bench, shares: failed.RunId);
        Assert.Equal(["\"kept\""], (await bench.Claim(retry)).Journal.Select(x => x.Output.ToString()));
        Assert.True((await bench.Step(retry, "step:b")).Verdict.IsAck);
        Assert.Equal(["step:a", "step:b"], (await bench.Claim(retry with { Epoch = 2 })).Journal.Select(x => x.Key));
    }

    [Fact]
    public async Task A_cancelled_epoch_never_begins()
    {
        var bench = Bench();
        var run = NewRun(bench);
        await bench.Do(new CancelItem(new(org, run.RunId, 1, "cancelled"), null));
        Assert.Equal(ClaimDecision.Superseded, (await bench.Claim(run)).Decision);
        Assert.Empty(bench.Sent);
        Assert.Equal(ClaimDecision.Claimed, (await bench.Claim(run with { Epoch = 2 })).Decision);
    }

    [Fact]
    public async Task What_is_confirmed_leaves_the_outbox_and_the_rest_is_left_over()
    {
        var held = new TaskCompletionSource();
        var bench = new Bench(Store, message => Executor.Bench.TypeOf(message) == nameof(EventEmitted) ? held.Task : Task.CompletedTask);
        var run = NewRun(bench);
        await bench.Claim(run);
        await bench.Step(run, "step:a", events: [new("t", RawJson.Trusted("1"))]);
        await bench.Complete(run);
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, (await Leftovers(bench)).Count);

        await bench.Engine.Process([new FlushOutboxItem()]);

        var left = Assert.Single(await Leftovers(bench));
        Assert.Equal(bench.Sent[0].Id, left.Id);
        Assert.Equal(bench.Sent[0].Body, left.Body);
        Assert.Equal(Queues.Events, left.Queue);
    }

    async Task<List<OutboxMessage>> Leftovers(Bench bench) =>
        [.. (await Store.OutboxLeftovers(bench.Time.GetUtcNow().AddSeconds(-1), bench.Time.GetUtcNow(), Guid.Empty, 1000, default)).Where(x => x.OrgId == org)];

    [Fact]
    public async Task All_that_a_crash_left_is_published_in_one_sweep()
    {
        const int left = 1_201;
        var bench = Bench();
        var query = new AttemptQuery();
        query.Orgs.Add(org);
        await using (var transaction = await Store.Open(query))
        {
            var changes = new AttemptChanges { Orgs = query.Orgs, At = bench.Time.GetUtcNow() };
            for (var i = 0; i < left; i++)
                changes.Outbox.Add(OutboxMessage.For(bench.Ids.Next(), org, "q", new CancelAttempt(org, NewRun(bench).RunId, 1, "x")));
            await transaction.Commit(changes);
        }

        bench.Time.Advance(TimeSpan.FromSeconds(5));
        var published = new ConcurrentBag<Guid>();
        await new OutboxSweeper(Store, new Outbox(message =>
        {
            if (message.OrgId == org)
                published.Add(message.Id);
            return Task.CompletedTask;
        }, NullLogger.Instance), bench.Time).Sweep(default);
        Assert.Equal(left, published.Distinct().Count());

        // The tests share a store.
        await using var end = await Store.Open(query);
        await end.Commit(new() { Orgs = query.Orgs, Confirmed = [.. published.Select(id => new OutboxKey(org, id))], At = bench.Time.GetUtcNow() });
    }

    [Fact]
    public async Task Expired_messages_are_dropped()
    {
        var bench = Bench();
        var now = bench.Time.GetUtcNow();
        var message = OutboxMessage.For(bench.Ids.Next(), org, "q", new CancelAttempt(org, NewRun(bench).RunId, 1, "x"), now.AddSeconds(2));
        var query = new AttemptQuery();
        query.Orgs.Add(org);
        await using (var transaction = await Store.Open(query))
        {
            var changes = new AttemptChanges { Orgs = query.Orgs, At = now };
            changes.Outbox.Add(message);
            await transaction.Commit(changes);
        }

        bench.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Single(await Leftovers(bench));
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await Leftovers(bench));
        Assert.Empty(await Store.OutboxLeftovers(bench.Time.GetUtcNow(), now, Guid.Empty, 1000, default) is var all ? all.Where(x => x.OrgId == org) : []);
    }

    [Fact]
    public async Task A_transaction_that_is_not_committed_leaves_nothing()
    {
        var bench = Bench();
        var run = NewRun(bench);
        var query = new AttemptQuery();
        query.Orgs.Add(org);
        query.Leases.Add(RunKey.Of(run));
        await using (await Store.Open(query))
        {
        }

        Assert.Equal(ClaimDecision.Claimed, (await bench.Claim(run)).Decision);
    }

    [Fact]
    public async Task Leases_of_an_earlier_start_are_found_and_of_others_are_not()
    {
        var bench = Bench();
        var now = bench.Time.GetUtcNow();
        var before = new ExecutorInstance(Executor.Bench.Here, org);
        var after = new ExecutorInstance(bench.Ids.Next(), org);
        await Store.Beat(before, now, default);
        await Store.Beat(after, now, default);
        var run = NewRun(bench);
        await bench.Claim(run);

        async Task<int> Found(ExecutorInstance self, DateTimeOffset silentSince) =>
            (await Store.LeasesOfGone(self, silentSince, 1000, default)).Count(x => x == (RunKey.Of(run), 1));

        Assert.Equal(1, await Found(after, now.AddHours(-1)));
        Assert.Equal(0, await Found(before, now.AddHours(-1)));
        Assert.Equal(0, await Found(after with { Name = org + "-other" }, now.AddHours(-1)));
        Assert.Equal(1, await Found(after with { Name = org + "-other" }, now.AddHours(1)));
    }
}

public sealed class InMemoryStoreConforms : AttemptStoreConformance
{
    protected override IAttemptStore Store { get; } = new InMemoryAttemptStore();
}

[Collection(WithPostgres.Name)]
public sealed class PostgresStoreConforms(ExecutorDatabase server) : AttemptStoreConformance, IAsyncLifetime
{
    readonly Hosting.Database.ServiceDatabase database = new(server.Options, "executor", 4);

    protected override IAttemptStore Store => new ReactorJobs.Executor.Database.PostgresAttemptStore(database);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await database.DisposeAsync();
}
