using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Attempts;

/// <summary>A run as the executor names it: nothing is looked up by the run's id alone.</summary>
public readonly record struct RunKey(string OrgId, RunId Run) : IComparable<RunKey>
{
    public static RunKey Of(ExecuteRun run) => new(run.OrgId, run.RunId);

    public int CompareTo(RunKey other) =>
        string.CompareOrdinal(OrgId, other.OrgId) is var byOrg and not 0 ? byOrg : Run.CompareTo(other.Run);
}

/// <summary>The right to write for a run. A run has at most one, and only its exact epoch is good.</summary>
public sealed record Lease(
    RunKey Key, int Epoch, int Attempt, string Job, string Handler, Guid Instance, string Worker, DateTimeOffset ClaimedAt, DateTimeOffset Deadline)
{
    const long LongestMs = 366L * 24 * 3600 * 1000;

    /// <summary>When an attempt is out of time; a limit that is no limit is taken as a year.</summary>
    public static DateTimeOffset DeadlineOf(DateTimeOffset claimedAt, long timeoutMs) => claimedAt.AddMilliseconds(Math.Clamp(timeoutMs, 0, LongestMs));
}

/// <summary>One entry of a run's journal.</summary>
/// <param name="Attempt">The attempt that wrote it, as the retry policy counts.</param>
/// <param name="State">The state values that it sets, <c>{key: value}</c>; a run's state is the fold of these.</param>
/// <param name="DueAt">When the sleep ends; null for everything that is no sleep.</param>
/// <param name="Topics">Of the events that it emitted, in their order; their ids follow from run, key and index.</param>
public sealed record JournalEntry(
    string Key, int Epoch, int Attempt, RawJson Output, RawJson? State = null, DateTimeOffset? DueAt = null, DateTimeOffset? StartedAt = null,
    long? DurationMs = null, IReadOnlyList<string>? Topics = null)
{
    /// <summary>What the entry counts towards the run's limit.</summary>
    public long Bytes => Key.Length + Output.Length + (State?.Length ?? 0);

    public bool IsDone(DateTimeOffset now) => DueAt <= now;
}

/// <summary>What is needed to answer a repeated checkpoint: who wrote it, and until when it sleeps.</summary>
public readonly record struct EntryMark(int Epoch, DateTimeOffset? DueAt);

/// <summary>An attempt that ended: history, and what is needed to repeat its outcome.</summary>
/// <param name="Number">As the retry policy counts; 0 marks an epoch that was cancelled before it began.</param>
public sealed record EndedAttempt(
    RunKey Key, int Epoch, int Number, string Job, string Worker, DateTimeOffset StartedAt, DateTimeOffset EndedAt, Ending Ending,
    IReadOnlyList<WaitCondition>? Waits = null);

/// <summary>How an attempt ended, as far as whoever ended it can say.</summary>
/// <param name="WaitKeys">The sleeps that a suspended attempt waits for.</param>
public sealed record Ending(
    string Outcome, RawJson Result = default, RunError? Error = null, bool Fatal = false, long? RetryAfterMs = null, IReadOnlyList<string>? WaitKeys = null)
{
    public static readonly Ending Lost = new(AttemptOutcomes.Lost);
    public static readonly Ending Released = new(AttemptOutcomes.Released);
    public static readonly Ending Cancelled = new(AttemptOutcomes.Cancelled);

    public static Ending TimedOut(long timeoutMs) => new(
        AttemptOutcomes.TimedOut, Error: new("TimeoutError", $"The attempt ran longer than its limit of {timeoutMs} ms."));
}
