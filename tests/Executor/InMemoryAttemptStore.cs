using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Executor;

/// <summary>Attempts in memory, one transaction at a time. The faults let a test or the simulator lose a commit, or its answer.</summary>
public sealed class InMemoryAttemptStore : IAttemptStore
{
    readonly SemaphoreSlim turn = new(1, 1);
    readonly Dictionary<RunKey, Lease> leases = [];
    readonly Dictionary<RunKey, List<JournalEntry>> journals = [];
    readonly SortedDictionary<(RunKey Key, int Epoch), EndedAttempt> ended = [];
    readonly Dictionary<OutboxKey, (OutboxMessage Message, DateTimeOffset At)> outbox = [];
    readonly Dictionary<Guid, (string Name, DateTimeOffset Heartbeat)> instances = [];

    /// <summary>Thrown, once, instead of a commit.</summary>
    public Exception? FailBeforeCommit { get; set; }

    /// <summary>Thrown, once, after a commit that happened.</summary>
    public Exception? FailAfterCommit { get; set; }

    /// <summary>Transactions that began by reading.</summary>
    public int Opened { get; private set; }

    public IReadOnlyDictionary<RunKey, Lease> Leases => leases;

    public IReadOnlyCollection<EndedAttempt> Ended => ended.Values;

    public IReadOnlyCollection<OutboxMessage> Outbox => [.. outbox.Values.Select(x => x.Message)];

    public IReadOnlyList<JournalEntry> JournalOf(RunKey key) => journals.TryGetValue(key, out var journal) ? journal : [];

    public async Task<IAttemptTransaction> Open(AttemptQuery query)
    {
        await turn.WaitAsync();
        Opened++;
        var snapshot = new AttemptSnapshot();
        foreach (var key in query.Leases)
            if (leases.TryGetValue(key, out var lease))
                snapshot.Leases[key] = lease;
        foreach (var (key, epoch) in query.Latest)
            if (ended.Values.LastOrDefault(x => x.Key == key) is { } latest)
                snapshot.Latest[key] = latest.Epoch == epoch ? latest : latest with { Ending = latest.Ending with { Result = default } };
        foreach (var key in query.Journals)
            if (journals.TryGetValue(key, out var journal))
                snapshot.Journals[key] = [.. journal];
        foreach (var (key, name) in query.Entries)
            if (JournalOf(key).FirstOrDefault(x => x.Key == name) is { } entry)
                snapshot.Entries[(key, name)] = new(entry.Epoch, entry.DueAt);
        return new Transaction(this, snapshot);
    }

    public IAttemptTransaction Assume(AttemptQuery query, AttemptSnapshot assumed) => Assume(query, assumed, _ => { });

    /// <param name="committing">Told of the changes when nothing speaks against them.</param>
    public IAttemptTransaction Assume(AttemptQuery query, AttemptSnapshot assumed, Action<AttemptChanges> committing) => new Assumed(this, query, assumed, committing);

    public Task<IReadOnlyList<OutboxMessage>> OutboxLeftovers(DateTimeOffset before, DateTimeOffset now, Guid after, int most, CancellationToken stop)
    {
        foreach (var (key, row) in outbox.ToArray())
            if (row.Message.ExpiresAt <= now && row.At < before)
                outbox.Remove(key);
        return Task.FromResult<IReadOnlyList<OutboxMessage>>([.. outbox.Values.Where(x => x.At < before && x.Message.Id > after).OrderBy(x => x.Message.Id).Take(most).Select(x => x.Message)]);
    }

    public Task Beat(ExecutorInstance instance, DateTimeOffset now, CancellationToken stop)
    {
        instances[instance.Id] = (instance.Name, now);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<(RunKey Key, int Epoch)>> LeasesOfGone(ExecutorInstance self, DateTimeOffset silentSince, int most, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<(RunKey, int)>>(
            [.. leases.Values.Where(x => x.Instance != self.Id && (!instances.ContainsKey(x.Instance) || IsGone(x.Instance, self, silentSince))).Take(most).Select(x => (x.Key, x.Epoch))]);

    public Task<IReadOnlyList<Guid>> Predecessors(ExecutorInstance self, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<Guid>>([.. instances.Where(x => x.Key != self.Id && x.Value.Name == self.Name).Select(x => x.Key)]);

    public Task ForgetGone(ExecutorInstance self, DateTimeOffset silentSince, CancellationToken stop)
    {
        foreach (var id in instances.Keys.Where(x => x != self.Id && instances[x].Heartbeat < silentSince).ToArray())
            instances.Remove(id);
        return Task.CompletedTask;
    }

    bool IsGone(Guid instance, ExecutorInstance self, DateTimeOffset silentSince) =>
        instances[instance] is var (name, heartbeat) && (name == self.Name || heartbeat < silentSince);

    void Write(AttemptChanges changes)
    {
        foreach (var (key, epoch) in changes.Freed)
            if (leases.TryGetValue(key, out var lease) && lease.Epoch <= epoch)
                leases.Remove(key);
        foreach (var claimed in changes.Claimed)
            if (!leases.TryGetValue(claimed.Key, out var lease) || lease.Epoch < claimed.Epoch)
                leases[claimed.Key] = claimed;
        foreach (var (key, entry) in changes.Entries)
        {
            if (!journals.TryGetValue(key, out var journal))
                journals[key] = journal = [];
            if (journal.All(x => x.Key != entry.Key))
                journal.Add(entry);
        }

        foreach (var one in changes.Ended)
            ended.TryAdd((one.Key, one.Epoch), one);
        foreach (var message in changes.Outbox)
            outbox.TryAdd(new(message.OrgId, message.Id), (message, changes.At));
        foreach (var key in changes.Confirmed)
            outbox.Remove(key);
    }

    static Exception? Take(Exception? fault, Action clear)
    {
        if (fault is not null)
            clear();
        return fault;
    }

    sealed class Transaction(InMemoryAttemptStore store, AttemptSnapshot snapshot) : IAttemptTransaction
    {
        public AttemptSnapshot Snapshot => snapshot;

        public Task Commit(AttemptChanges changes)
        {
            if (Take(store.FailBeforeCommit, () => store.FailBeforeCommit = null) is { } before)
                return Task.FromException(before);
            store.Write(changes);
            return Take(store.FailAfterCommit, () => store.FailAfterCommit = null) is { } after ? Task.FromException(after) : Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            store.turn.Release();
            return ValueTask.CompletedTask;
        }
    }

    sealed class Assumed(InMemoryAttemptStore store, AttemptQuery query, AttemptSnapshot assumed, Action<AttemptChanges> committing) : IAttemptTransaction
    {
        public AttemptSnapshot Snapshot => assumed;

        public async Task Commit(AttemptChanges changes)
        {
            await store.turn.WaitAsync();
            await using var transaction = new Transaction(store, assumed);
            foreach (var key in query.Leases)
                if (assumed.Leases.TryGetValue(key, out var lease))
                {
                    if (!store.leases.TryGetValue(key, out var now) || now.Epoch != lease.Epoch || now.Instance != lease.Instance)
                        throw new StaleRead(isThere: false);
                }
                else if (store.leases.ContainsKey(key) || store.ended.Keys.Any(x => x.Key == key && x.Epoch >= query.Latest[key]))
                    throw new StaleRead(isThere: true);
            committing(changes);
            await transaction.Commit(changes);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
