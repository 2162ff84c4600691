using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;
using ReactorJobs.Tests.Simulation.Processes;
using ReactorJobs.Tests.Simulation.RunStore;

namespace ReactorJobs.Tests.Simulation.Faults;

/// <summary>The scheduler's store as one of its lives sees it.</summary>
public sealed class FaultyRunStore(InMemoryRunStore inner, Life life) : IRunStore
{
    FaultPlan Faults => life.Process.Faults;

    public async Task<IRunTransaction> Open(RunKeys keys)
    {
        Faults.Before(life, "opening a group");
        return new Transaction(await inner.Open(keys), keys, this);
    }

    public IRunTransaction Assume(RunKeys keys, KnownRows known)
    {
        if (Faults.WrittenElsewhere)
            inner.Rewrite(keys.Jobs.First());
        return new Transaction(inner.Assume(keys, known), keys, this);
    }

    public Task<IReadOnlyList<RunTimer>> ReadTimers(IReadOnlyCollection<short> shards, DateTimeOffset before, int most) =>
        Read("reading timers", () => inner.ReadTimers(shards, before, most));

    public Task<IReadOnlyList<StalledRun>> ReadDispatched(DateTimeOffset before, int most) => Read("reading dispatches", () => inner.ReadDispatched(before, most));

    public Task<IReadOnlyList<WaitingJob>> ReadWaitingJobs() => Read("reading what waits", inner.ReadWaitingJobs);

    public Task<IReadOnlyList<OutboxMessage>> ReadOutbox(DateTimeOffset before, int most) => Read("reading the outbox", () => inner.ReadOutbox(before, most));

    public Task LeaveShards(string owner) => inner.LeaveShards(owner);

    public Task<ShardLease> LeaseShards(string owner, DateTimeOffset now, DateTimeOffset until) => Read("leasing shards", () => inner.LeaseShards(owner, now, until));

    async Task<T> Read<T>(string what, Func<Task<T>> read)
    {
        Faults.Before(life, what);
        return await read();
    }

    sealed class Transaction(IRunTransaction inner, RunKeys keys, FaultyRunStore store) : IRunTransaction
    {
        public IReadOnlyDictionary<JobKey, JobLoad> Loads => inner.Loads;
        public IReadOnlyDictionary<RunKey, Run> Runs => inner.Runs;
        public IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency => inner.Idempotency;
        public IReadOnlyList<Run> Waiting => inner.Waiting;

        public async Task Commit(RunChanges changes)
        {
            store.Faults.Group(keys.Runs.Count);
            store.Faults.Before(store.life, "a commit");
            await inner.Commit(changes);
            store.Faults.After(store.life, "a commit");
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    readonly Life life = life;
}
