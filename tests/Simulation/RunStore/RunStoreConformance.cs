using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Tests.Simulation.RunStore;

/// <summary>What every store of runs must do: PostgreSQL for the service, memory for the simulator.</summary>
public abstract partial class RunStoreConformance
{
    static readonly IdSource Ids = new(TimeProvider.System);
    readonly string org = "org-" + Ids.Next().ToString("N");
    readonly DateTimeOffset now = new(TimeProvider.System.GetUtcNow().Ticks / 10_000 * 10_000, TimeSpan.Zero);

    protected abstract IRunStore Store { get; }

    protected abstract Task Register(Job job);

    JobKey Job => new(org, "job");

    Task Register(string name = "job") => Register(new Job
    {
        OrgId = org,
        Name = name,
        Handler = "h-" + name,
        Retry = RetryPolicy.Default(3),
        TimeoutMs = 1000,
        MaxConcurrency = 7,
        RetentionDays = 30,
    });

    Run NewRun(string state = nameof(RunStateMachine.Pending), short priority = 0, double age = 0) => new()
    {
        CorrelationId = Ids.Next(),
        CurrentState = state,
        OrgId = org,
        Job = "job",
        Handler = "h-job",
        Attempt = 1,
        MaxAttempts = 3,
        Priority = priority,
        TimeoutMs = 1000,
        Payload = RawJson.Trusted("{\"a\": 1}"),
        Trigger = new("event", "trg_1", RawJson.Trusted("{\"x\":2}")),
        CreatedAt = now,
        RunAt = now,
        QueuedAt = Priorities.PlaceInLine(now.AddSeconds(-age), priority, TimeSpan.FromMinutes(30)),
        Due = true,
    };

    static RunKey KeyOf(Run run) => new(run.OrgId, run.Id);

    RunKeys Keys(IEnumerable<Run>? runs = null, IEnumerable<IdempotencyKey>? keys = null, int picks = 0) => new(
        [org], [Job], [.. (runs ?? []).Select(KeyOf)], [.. keys ?? []], picks == 0 ? [] : [(Job, picks)]);

    async Task Commit(Action<RunChanges> change, RunKeys? keys = null)
    {
        await using var transaction = await Store.Open(keys ?? Keys());
        var changes = new RunChanges();
        change(changes);
        await transaction.Commit(changes);
    }

    async Task<Run?> Find(Run run)
    {
        await using var transaction = await Store.Open(Keys([run]));
        return transaction.Runs.GetValueOrDefault(KeyOf(run));
    }

    [Fact]
    public async Task A_run_comes_back_as_it_was_inserted_and_updated()
    {
        await Register();
        var run = NewRun();
        run.RetryOf = new RunId(Ids.Next());
        run.SharesCheckpoints = true;
        await Commit(x => x.Inserted.Add(run));
        Assert.Equivalent(run, await Find(run), strict: true);

        var changed = run.Copy();
        changed.CurrentState = nameof(RunStateMachine.Failed);
        changed.Epoch = 4;
        changed.Attempt = 2;
        changed.Losses = 1;
        changed.Result = RawJson.Trusted("[1]");
        changed.Error = new("E", "m", "c", "s", "step");
        changed.Due = false;
        changed.StartedAt = now.AddSeconds(1);
        changed.CompletedAt = now.AddSeconds(2);
        await Commit(x => x.Updated.Add(changed), Keys([run]));
        Assert.Equivalent(changed, await Find(run), strict: true);
    }

    [Fact]
    public async Task Times_are_kept_to_the_microsecond()
    {
        await Register();
        var run = NewRun();
        run.CreatedAt = now.AddTicks(19);
        await Commit(x => x.Inserted.Add(run));
        Assert.Equal(now.AddTicks(10), (await Find(run))!.CreatedAt);
    }

    [Fact]
    public async Task A_run_that_exists_fails_the_group_that_inserts_it()
    {
        await Register();
        var (run, other) = (NewRun(), NewRun());
        await Commit(x => x.Inserted.Add(run));
        await Assert.ThrowsAnyAsync<Exception>(() => Commit(x => x.Inserted.AddRange([other, run])));
        Assert.Null(await Find(other));
    }

    [Theory]
    [InlineData(nameof(RunStateMachine.Running))]
    [InlineData(nameof(RunStateMachine.Sleeping))]
    [InlineData(nameof(RunStateMachine.Completed))]
    public async Task An_impossible_run_is_refused(string state)
    {
        await Register();
        await Assert.ThrowsAnyAsync<Exception>(() => Commit(x => x.Inserted.Add(NewRun(state))));
        await Assert.ThrowsAnyAsync<Exception>(() => Commit(x => x.Loads.Add((Job, 1, 2))));
    }

    [Fact]
    public async Task Another_orgs_rows_are_neither_seen_nor_written()
    {
        await Register();
        var run = NewRun();
        await Commit(x => x.Inserted.Add(run));
        await using (var transaction = await Store.Open(new(["someone"], [Job], [KeyOf(run)], [], [(Job, 5)])))
        {
            Assert.Empty(transaction.Runs);
            Assert.Empty(transaction.Loads);
            Assert.Empty(transaction.Waiting);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => Commit(x => x.Inserted.Add(NewRun()), new(["someone"], [], [], [], [])));
    }

    [Fact]
    public async Task Without_a_commit_nothing_has_happened()
    {
        await Register();
        await using (await Store.Open(Keys()))
        {
        }

        var run = NewRun();
        await Commit(x => x.Inserted.Add(run));
        await using (var transaction = await Store.Open(Keys([run])))
            transaction.Runs[KeyOf(run)].CurrentState = nameof(RunStateMachine.Cancelled);
        Assert.Equal(RunStatus.Pending, (await Find(run))!.Status);
    }

    [Fact]
    public async Task Counters_come_with_their_job_and_are_what_was_written()
    {
        await Register();
        await Commit(x => x.Loads.Add((Job, 5, 2)));
        await using var transaction = await Store.Open(Keys());
        var load = transaction.Loads[Job];
        Assert.Equal((5, 2, 7, "h-job"), (load.Due, load.Running, load.Job!.MaxConcurrency, load.Job.Handler));
        var waiting = (await Store.ReadWaitingJobs()).Single(x => x.Key == Job);
        Assert.Equal((3, 2, 5), (waiting.Waiting, waiting.Running, waiting.Room));
    }

    [Fact]
    public async Task An_idempotency_record_is_found_and_replaced()
    {
        await Register();
        var key = new IdempotencyKey(org, "job", "k");
        foreach (var record in new IdempotencyRecord[] { new(new(Ids.Next()), [1, 2], now), new(new(Ids.Next()), [3], now.AddHours(1)) })
        {
            await Commit(x => x.Idempotency.Add((key, record)));
            await using var transaction = await Store.Open(Keys(keys: [key, key with { Key = "other" }, key with { Job = "other" }]));
            var found = Assert.Single(transaction.Idempotency).Value;
            Assert.Equal((record.RunId, record.ExpiresAt), (found.RunId, found.ExpiresAt));
            Assert.Equal(record.Fingerprint, found.Fingerprint);
        }
    }

    [Fact]
    public async Task Timers_are_set_replaced_cleared_and_read_in_order()
    {
        await Register();
        var shard = (short)(Math.Abs(org.GetHashCode(StringComparison.Ordinal)) % Shards.Count);
        RunTimer Timer(Run run, double seconds, int epoch = 1) => new(org, run.Id, "job", shard, epoch, now.AddYears(-1).AddSeconds(seconds));
        var (a, b, c) = (NewRun(), NewRun(), NewRun());
        await Commit(x => x.TimersSet.AddRange([Timer(a, 3), Timer(b, 2), Timer(c, 9)]));
        await Commit(x => x.TimersSet.Add(Timer(a, 1, epoch: 2)));
        Assert.Equal([Timer(a, 1, 2), Timer(b, 2)], await Read([shard], 9));
        Assert.Equal([Timer(a, 1, 2)], (await Read([shard], 9)).Take(1));
        Assert.Empty(await Read([(short)((shard + 1) % Shards.Count)], 9));
        await Commit(x => x.TimersCleared.Add(KeyOf(a)));
        Assert.Equal([Timer(b, 2), Timer(c, 9)], await Read([shard], 10));
        await Commit(x => x.TimersCleared.AddRange([KeyOf(b), KeyOf(c)]));

        async Task<IEnumerable<RunTimer>> Read(short[] shards, double before) =>
            (await Store.ReadTimers(shards, now.AddYears(-1).AddSeconds(before), 1000)).Where(x => x.OrgId == org);
    }

    [Fact]
    public async Task Dispatches_are_found_the_oldest_first()
    {
        await Register();
        var (young, old, none) = (NewRun(nameof(RunStateMachine.Running)), NewRun(nameof(RunStateMachine.Running)), NewRun());
        (young.Executor, young.DispatchedAt, young.Epoch) = (Ids.Next(), now.AddYears(-2).AddSeconds(2), 3);
        (old.Executor, old.DispatchedAt, old.Epoch) = (Ids.Next(), now.AddYears(-2).AddSeconds(1), 1);
        await Commit(x => x.Inserted.AddRange([young, old, none]));
        StalledRun Stalled(Run run) => new(org, run.Id, "job", run.Epoch, run.Executor!.Value, "h-job", run.DispatchedAt!.Value);
        Assert.Equal([Stalled(old), Stalled(young)], (await Store.ReadDispatched(now.AddYears(-2).AddSeconds(3), 1000)).Where(x => x.OrgId == org));
        Assert.Equal([Stalled(old)], (await Store.ReadDispatched(now.AddYears(-2).AddSeconds(2), 1000)).Where(x => x.OrgId == org));
    }

    [Fact]
    public async Task Messages_stay_until_they_are_confirmed()
    {
        await Register();
        OutboxMessage[] messages = [new(Ids.Next(), org, "q", [1], now.AddDays(1)), new(Ids.Next(), org, "q", [2])];
        await Commit(x => x.Outbox.AddRange(messages));
        var left = (await Read()).ToArray();
        Assert.Equal(messages.Select(x => (x.Id, x.Queue, x.ExpiresAt)), left.OrderBy(x => x.Id).Select(x => (x.Id, x.Queue, x.ExpiresAt)));
        Assert.Equal([1], left.Single(x => x.Id == messages[0].Id).Body);
        Assert.DoesNotContain(await Store.ReadOutbox(now.AddDays(-1), 1000), x => x.OrgId == org);
        await Assert.ThrowsAnyAsync<Exception>(() => Commit(x => x.Outbox.Add(messages[0])));
        await Commit(x => x.Confirmed.Add(new(org, messages[0].Id)));
        Assert.Equal(messages[1].Id, Assert.Single(await Read()).Id);

        async Task<IEnumerable<OutboxMessage>> Read() => (await Store.ReadOutbox(now.AddDays(1), 1000)).Where(x => x.OrgId == org);
    }

    [Fact]
    public async Task A_dead_letter_is_written_once()
    {
        await Register();
        var letter = new DeadLetter(org, "dlq_1", "job", new(Ids.Next()), new("E", "m"), 3, now);
        await Commit(x => x.DeadLetters.Add(letter));
        await Assert.ThrowsAnyAsync<Exception>(() => Commit(x => x.DeadLetters.Add(letter)));
    }

    [Fact]
    public async Task Schedulers_share_the_shards_and_each_shard_has_one_owner_until_its_lease_runs_out()
    {
        var far = now.AddYears(10);
        var all = Enumerable.Range(0, Shards.Count).Select(x => (short)x).ToArray();
        Assert.Equal(all, (await Lease("one", 0, 15)).Order());
        Assert.Empty(await Lease("two", 1, 16));
        var first = await Lease("one", 2, 17);
        var second = await Lease("two", 3, 18);
        Assert.Equal(Shards.Count / 2, first.Count);
        Assert.Equal(all, first.Concat(second).Order());
        Assert.Equal(2, (await Store.LeaseShards("two", far.AddSeconds(4), far.AddSeconds(19))).Schedulers);

        // One is silent, two stops, and a third finds everything free.
        Assert.Equal(all, (await Lease("two", 18, 33)).Order());
        await Store.LeaveShards("two");
        Assert.Equal(all, (await Lease("three", 19, 34)).Order());

        async Task<IReadOnlyList<short>> Lease(string name, int at, int until) => (await Store.LeaseShards(name, far.AddSeconds(at), far.AddSeconds(until))).Shards;
    }
}
