using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Tests.Executor;
using ReactorJobs.Tests.Simulation.Processes;
using RunKey = ReactorJobs.Executor.Attempts.RunKey;

namespace ReactorJobs.Tests.Simulation.Faults;

/// <summary>The executors' store as one life of one of them sees it.</summary>
/// <param name="committing">Told of every change right before it happens.</param>
public sealed class FaultyAttemptStore(InMemoryAttemptStore inner, Life life, Action<AttemptChanges> committing) : IAttemptStore
{
    readonly Life life = life;

    FaultPlan Faults => life.Process.Faults;

    public async Task<IAttemptTransaction> Open(AttemptQuery query)
    {
        Faults.Before(life, "opening a group");
        return new Transaction(await inner.Open(query), query, this, committing);
    }

    public IAttemptTransaction Assume(AttemptQuery query, AttemptSnapshot assumed) => new Transaction(inner.Assume(query, assumed, committing), query, this, null);

    public Task<IReadOnlyList<OutboxMessage>> OutboxLeftovers(DateTimeOffset before, DateTimeOffset now, Guid after, int most, CancellationToken stop) =>
        Do("reading the outbox", () => inner.OutboxLeftovers(before, now, after, most, stop));

    public Task Beat(ExecutorInstance instance, DateTimeOffset now, CancellationToken stop) => Do("beating", () => inner.Beat(instance, now, stop));

    public Task<IReadOnlyList<(RunKey Key, int Epoch)>> LeasesOfGone(ExecutorInstance self, DateTimeOffset silentSince, int most, CancellationToken stop) =>
        Do("reading abandoned leases", () => inner.LeasesOfGone(self, silentSince, most, stop));

    public Task<IReadOnlyList<Guid>> Predecessors(ExecutorInstance self, CancellationToken stop) => Do("reading predecessors", () => inner.Predecessors(self, stop));

    public Task ForgetGone(ExecutorInstance self, DateTimeOffset silentSince, CancellationToken stop) =>
        Do("forgetting who is gone", () => inner.ForgetGone(self, silentSince, stop));

    TTask Do<TTask>(string what, Func<TTask> act) where TTask : Task
    {
        Faults.Before(life, what);
        return act();
    }

    sealed class Transaction(IAttemptTransaction inner, AttemptQuery query, FaultyAttemptStore store, Action<AttemptChanges>? committing) : IAttemptTransaction
    {
        public AttemptSnapshot Snapshot => inner.Snapshot;

        public async Task Commit(AttemptChanges changes)
        {
            store.Faults.Group(query.Leases.Count);
            store.Faults.Before(store.life, "a commit");
            committing?.Invoke(changes);
            await inner.Commit(changes);
            store.Faults.After(store.life, "a commit");
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
