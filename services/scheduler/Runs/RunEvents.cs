using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>A run to accept, with everything the caller asked for.</summary>
public sealed record AcceptRun(string OrgId, RunId RunId, Job Job, RawJson Payload, RunTrigger Trigger)
{
    public DateTimeOffset? RunAt { get; init; }
    public short Priority { get; init; }
    public long? TimeoutMs { get; init; }
    public RunId? RetryOf { get; init; }
    public bool SharesCheckpoints { get; init; }
}

/// <summary>Gives a waiting run to an executor.</summary>
/// <param name="AsOf">The executor's uptime when it was last heard of, in milliseconds.</param>
public sealed record DispatchRun(string OrgId, RunId RunId, Guid Executor, long AsOf);

/// <summary>Sends the current dispatch again: it brought no outcome (semantics 6).</summary>
public sealed record ResendRun(string OrgId, RunId RunId, int Epoch);

/// <summary>The executor of the current dispatch is gone.</summary>
public sealed record AttemptLost(string OrgId, RunId RunId, int Epoch);

/// <summary>A timer fired; it counts only where it is still the one that the run waits for.</summary>
public sealed record TimerDue(string OrgId, RunId RunId, int Epoch, DateTimeOffset DueAt);

/// <summary>The job definition of a waiting run was deleted.</summary>
public sealed record OrphanRun(string OrgId, RunId RunId);

/// <summary>Cancels a run; one that is not there yet is left a tombstone (semantics 9).</summary>
public sealed record CancelRun(string OrgId, RunId RunId, string Job);
