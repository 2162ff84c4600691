namespace ReactorJobs.Contracts;

/// <summary>
/// Hands one attempt of a run to the executor whose queue it is sent to. The pair (run, epoch) is the attempt's identity: a copy with the
/// same pair is the same attempt.
/// </summary>
/// <param name="Epoch">Counts the dispatches of this run, from 1; whatever names an older one is refused.</param>
/// <param name="Attempt">Counts what the retry policy counts, from 1.</param>
/// <param name="At">When the scheduler sent it, by the scheduler's clock: sleeps that ended by then are over, whatever the executor's clock says.</param>
/// <param name="Shares">The run whose checkpoints this one takes over, when it is a retry from the failed step.</param>
/// <param name="AsOf">The <see cref="ExecutorAdvertised.UptimeMs"/> of the advertisement that this dispatch builds on; null when it is sent again.</param>
public sealed record ExecuteRun(
    string OrgId, RunId RunId, int Epoch, int Attempt, int MaxAttempts, string Job, string Handler, RawJson Payload, RunTrigger Trigger,
    long TimeoutMs, DateTimeOffset At, RunId? Shares = null, long? AsOf = null);

/// <summary>Stops an attempt: the run was cancelled or a newer epoch exists.</summary>
public sealed record CancelAttempt(string OrgId, RunId RunId, int Epoch, string Reason);

/// <summary>How an attempt ended, from the executor to the scheduler.</summary>
/// <param name="Outcome">One of <see cref="AttemptOutcomes"/>.</param>
/// <param name="Fatal">The failure is not worth another attempt.</param>
/// <param name="RetryAfterMs">What the handler asked for, in milliseconds; it wins over the backoff when it is longer.</param>
public sealed record AttemptFinished(
    string OrgId, RunId RunId, string Job, int Epoch, string Outcome, RawJson Result, RunError? Error, bool Fatal, long? RetryAfterMs,
    DateTimeOffset StartedAt, DateTimeOffset EndedAt);

/// <summary>An attempt that waits: it has freed its worker, and the run goes on under a new epoch when a condition holds.</summary>
public sealed record AttemptSuspended(
    string OrgId, RunId RunId, string Job, int Epoch, IReadOnlyList<WaitCondition> Waits, DateTimeOffset StartedAt, DateTimeOffset EndedAt);

/// <summary>What a suspended run waits for. <c>time</c> is the first kind: the run wakes at <see cref="DueAt"/>.</summary>
public sealed record WaitCondition(string Kind, string Key, DateTimeOffset DueAt)
{
    public const string Time = "time";
}

public static class AttemptOutcomes
{
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string TimedOut = "timed_out";
    public const string Suspended = "suspended";

    /// <summary>The platform lost the attempt (crash, lost lease, lost worker): it does not use up the job's attempts.</summary>
    public const string Lost = "lost";

    /// <summary>The worker handed it back on purpose, before it ended: not even a loss.</summary>
    public const string Released = "released";

    public const string Cancelled = "cancelled";
}

/// <summary>An error as handlers report it and as runs show it.</summary>
public sealed record RunError(string Name, string Message, string? Code = null, string? Stack = null, string? Step = null);

/// <summary>
/// What an executor can run, told to every scheduler when it changes and every two seconds; its absence is how a dead executor shows.
/// </summary>
/// <param name="Executor">A name that outlives restarts; a new instance under the same name means that the old one is gone.</param>
/// <param name="Instance">This process's start; names the executor's own queue.</param>
/// <param name="UptimeMs">How long the executor has been up, by its own clock: it tells by it how old a dispatch is that builds on this.</param>
/// <param name="Replaces">Earlier instances of the same name: they are gone, and so are the attempts they held.</param>
public sealed record ExecutorAdvertised(
    string Executor, Guid Instance, IReadOnlyList<SlotPool> Pools, bool Stopping = false, long UptimeMs = 0, IReadOnlyList<Guid>? Replaces = null);

/// <summary>Slots that any of these handlers of one org may use. Org <c>*</c> with handler <c>http</c> stands for every handler that is a URL.</summary>
public sealed record SlotPool(string OrgId, IReadOnlyList<string> Handlers, int Slots)
{
    public const string AnyOrg = "*";
    public const string HttpHandlers = "http";
}
