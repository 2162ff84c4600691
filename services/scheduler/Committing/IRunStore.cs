using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// What a group of messages needs of the store, and nothing more: lock and load, then write and commit. PostgreSQL implements it for the
/// service, a dictionary for the simulator; both pass one conformance suite.
/// </summary>
public interface IRunStore
{
    /// <summary>Locks the jobs' counters (in key order), then the runs, and the best waiting runs that nobody else has locked.</summary>
    Task<IRunTransaction> Open(RunKeys keys);

    /// <summary>
    /// A transaction over what its caller believes to be there, in place of reading it: nothing is asked of the store before the commit,
    /// which compares, and refuses with <see cref="StaleRead"/> when the rows are others by now. What is in <paramref name="known"/> of
    /// neither kind is believed to be absent.
    /// </summary>
    IRunTransaction Assume(RunKeys keys, KnownRows known);

    /// <summary>Timers of these shards that are due before the given moment, the earliest first.</summary>
    Task<IReadOnlyList<RunTimer>> ReadTimers(IReadOnlyCollection<short> shards, DateTimeOffset before, int most);

    /// <summary>Runs that were dispatched before the given moment and have not ended their attempt, the oldest first.</summary>
    Task<IReadOnlyList<StalledRun>> ReadDispatched(DateTimeOffset before, int most);

    /// <summary>Jobs that have runs waiting for a slot.</summary>
    Task<IReadOnlyList<WaitingJob>> ReadWaitingJobs();

    /// <summary>Messages that were stored before the given moment and are still there, the oldest first.</summary>
    Task<IReadOnlyList<OutboxMessage>> ReadOutbox(DateTimeOffset before, int most);

    /// <summary>
    /// Says that the scheduler is there until the given moment, gives back the shards that are not its share, and takes those of its share
    /// that are its own already or nobody's.
    /// </summary>
    Task<ShardLease> LeaseShards(string owner, DateTimeOffset now, DateTimeOffset until);

    /// <summary>The scheduler stops: others may take its shards at once.</summary>
    Task LeaveShards(string owner);
}

public interface IRunTransaction : IAsyncDisposable
{
    IReadOnlyDictionary<JobKey, JobLoad> Loads { get; }
    IReadOnlyDictionary<RunKey, Run> Runs { get; }
    IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency { get; }

    /// <summary>Waiting runs in the order of their places in line.</summary>
    IReadOnlyList<Run> Waiting { get; }

    /// <summary>
    /// Writes everything and commits. When this throws, the commit may have happened or not; after a <see cref="StaleRead"/> it has not.
    /// Without changes it only makes sure that what was assumed is so.
    /// </summary>
    Task Commit(RunChanges changes);
}

/// <param name="Loads">Of every job that the group locks.</param>
/// <param name="Runs">Running or asleep: nothing of such a run changes without its status or its epoch.</param>
public sealed record KnownRows(IReadOnlyDictionary<JobKey, JobLoad> Loads, IReadOnlyDictionary<RunKey, Run> Runs);

public readonly record struct RunKey(string OrgId, RunId Id) : IComparable<RunKey>
{
    public int CompareTo(RunKey other)
    {
        var byOrg = string.CompareOrdinal(OrgId, other.OrgId);
        return byOrg != 0 ? byOrg : Id.CompareTo(other.Id);
    }
}

public readonly record struct IdempotencyKey(string OrgId, string Job, string Key);

public sealed record IdempotencyRecord(RunId RunId, byte[] Fingerprint, DateTimeOffset ExpiresAt);

/// <param name="Picks">Of which jobs the group could dispatch waiting runs.</param>
public sealed record RunKeys(
    IReadOnlyCollection<string> Orgs, IReadOnlyCollection<JobKey> Jobs, IReadOnlyCollection<RunKey> Runs,
    IReadOnlyCollection<IdempotencyKey> Idempotency, IReadOnlyCollection<Pick> Picks)
{
    /// <summary>The ones of <see cref="Runs"/> that are most likely not there yet.</summary>
    public IReadOnlySet<RunKey> Created { get; init; } = new HashSet<RunKey>();
}

public sealed record RunTimer(string OrgId, RunId RunId, string Job, short Shard, int Epoch, DateTimeOffset DueAt);

public sealed record StalledRun(string OrgId, RunId RunId, string Job, int Epoch, Guid Executor, string Handler, DateTimeOffset DispatchedAt);

/// <summary>
/// How many waiting runs of a job to pick up, in the order of their places in line: its part, and up to <paramref name="Most"/> where some of the
/// job's are more urgent than others that stand in the same <see cref="Line"/>. A store may give more than that.
/// </summary>
public readonly record struct Pick(JobKey Job, int Most, int Part)
{
    /// <summary>The same number for the jobs that wait for the same places.</summary>
    public int Line { get; init; }

    /// <summary>The places that those of one line share. Where all that wait there are equally urgent, more than so many of them need not be given.</summary>
    public int Places { get; init; } = Most;

    /// <summary>How many of the job's runs are under way, as far as known: the one with the fewest comes first.</summary>
    public int Running { get; init; }

    /// <summary>How many more may be, as far as known: what is beyond that comes last.</summary>
    public int Room { get; init; } = Most;

    public static implicit operator Pick((JobKey Job, int Most) all) => new(all.Job, all.Most, all.Most);
}

public sealed record WaitingJob(JobKey Key, string Handler, int Waiting)
{
    public int Running { get; init; }

    /// <summary>How many more may run by the job's own limit.</summary>
    public int Room { get; init; } = int.MaxValue;
}

public sealed record DeadLetter(string OrgId, string Id, string Job, RunId RunId, RunError Error, int Attempts, DateTimeOffset CreatedAt);

/// <summary>Everything one group writes.</summary>
public sealed class RunChanges
{
    public List<Run> Inserted { get; } = [];
    public List<Run> Updated { get; } = [];
    public List<(JobKey Job, int Due, int Running)> Loads { get; } = [];
    public List<(IdempotencyKey Key, IdempotencyRecord Record)> Idempotency { get; } = [];
    public List<RunTimer> TimersSet { get; } = [];
    public List<RunKey> TimersCleared { get; } = [];
    public List<DeadLetter> DeadLetters { get; } = [];
    public List<OutboxMessage> Outbox { get; } = [];
    public List<OutboxKey> Confirmed { get; } = [];

    public bool IsEmpty => Inserted.Count + Updated.Count + Idempotency.Count + Outbox.Count + Confirmed.Count == 0;
}
