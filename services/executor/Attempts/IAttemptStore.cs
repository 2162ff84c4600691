using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Executor.Attempts;

/// <summary>Where attempts are kept: PostgreSQL, or memory in tests and in the simulator.</summary>
public interface IAttemptStore
{
    /// <summary>Begins a transaction that holds the named leases and has read what the group needs.</summary>
    Task<IAttemptTransaction> Open(AttemptQuery query);

    /// <summary>
    /// A transaction over what its caller has written last, in place of reading it: the commit locks and compares the leases, and refuses with
    /// <see cref="Hosting.GroupCommit.StaleRead"/> when one is another, or when a run that is to have none has one or has ended the attempt.
    /// </summary>
    IAttemptTransaction Assume(AttemptQuery query, AttemptSnapshot assumed);

    /// <summary>Messages that no commit has deleted since <paramref name="before"/>, in the order of their ids. Expired ones are dropped instead of given.</summary>
    /// <param name="after">The last id of the page before.</param>
    Task<IReadOnlyList<OutboxMessage>> OutboxLeftovers(DateTimeOffset before, DateTimeOffset now, Guid after, int most, CancellationToken stop);

    /// <summary>Says that the instance lives.</summary>
    Task Beat(ExecutorInstance instance, DateTimeOffset now, CancellationToken stop);

    /// <summary>Leases of instances that are gone: those of this name other than this one, and those silent since <paramref name="silentSince"/>.</summary>
    Task<IReadOnlyList<(RunKey Key, int Epoch)>> LeasesOfGone(ExecutorInstance self, DateTimeOffset silentSince, int most, CancellationToken stop);

    /// <summary>Earlier starts under this name: the schedulers are told that these are gone.</summary>
    Task<IReadOnlyList<Guid>> Predecessors(ExecutorInstance self, CancellationToken stop);

    /// <summary>Forgets the instances that have been silent since <paramref name="silentSince"/>.</summary>
    Task ForgetGone(ExecutorInstance self, DateTimeOffset silentSince, CancellationToken stop);
}

/// <param name="Name">Outlives restarts.</param>
/// <param name="Id">This start.</param>
public sealed record ExecutorInstance(Guid Id, string Name);

/// <summary>Disposed without a commit, nothing has happened.</summary>
public interface IAttemptTransaction : IAsyncDisposable
{
    AttemptSnapshot Snapshot { get; }

    /// <summary>Writes the changes. When it throws, the commit may have happened all the same.</summary>
    Task Commit(AttemptChanges changes);
}

/// <summary>What a group needs to know before it decides.</summary>
public sealed class AttemptQuery
{
    public SortedSet<string> Orgs { get; } = new(StringComparer.Ordinal);

    /// <summary>Locked until the commit.</summary>
    public SortedSet<RunKey> Leases { get; } = [];

    /// <summary>The newest ended attempt of each run, with its result only when it has this epoch.</summary>
    public Dictionary<RunKey, int> Latest { get; } = [];

    /// <summary>Whole journals, in the order of their commits.</summary>
    public HashSet<RunKey> Journals { get; } = [];

    /// <summary>Single entries, to see whether they are there.</summary>
    public HashSet<(RunKey Key, string Entry)> Entries { get; } = [];
}

public sealed class AttemptSnapshot
{
    public Dictionary<RunKey, Lease> Leases { get; } = [];
    public Dictionary<RunKey, EndedAttempt> Latest { get; } = [];
    public Dictionary<RunKey, List<JournalEntry>> Journals { get; } = [];
    public Dictionary<(RunKey Key, string Entry), EntryMark> Entries { get; } = [];
}

/// <summary>What a group writes. An entry, attempt or message that is there already stays as it is; a lease gives way to a newer epoch only.</summary>
public sealed class AttemptChanges
{
    public SortedSet<string> Orgs { get; init; } = new(StringComparer.Ordinal);
    public List<Lease> Claimed { get; } = [];
    public List<(RunKey Key, int Epoch)> Freed { get; } = [];
    public List<(RunKey Key, JournalEntry Entry)> Entries { get; } = [];
    public List<EndedAttempt> Ended { get; } = [];
    public List<OutboxMessage> Outbox { get; } = [];
    public IReadOnlyList<OutboxKey> Confirmed { get; init; } = [];

    /// <summary>When the messages were made.</summary>
    public DateTimeOffset At { get; init; }
}
