using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// One piece of work for the engine. The engine sets the item's answer while it decides; the answer counts when the group is committed.
/// </summary>
/// <param name="done">Called once: without an exception when the answer is committed, with one when nothing is.</param>
public abstract class AttemptItem(RunKey key, int epoch, Action<AttemptItem, Exception?>? done) : IGroupItem
{
    public RunKey Key => key;
    public int Epoch => epoch;

    /// <summary>The number of the worker's frame, where there is one.</summary>
    public long FrameId { get; init; }

    public Verdict Verdict { get; internal set; }

    public virtual bool IsPatient => false;

    public void Complete() => done?.Invoke(this, null);

    public void Fail(Exception exception) => done?.Invoke(this, exception);
}

/// <summary>Takes the lease for an attempt.</summary>
public sealed class ClaimItem(ExecuteRun command, string worker, Action<AttemptItem, Exception?>? done)
    : AttemptItem(RunKey.Of(command), command.Epoch, done)
{
    public ExecuteRun Command => command;
    public string Worker => worker;

    /// <summary>The journal that the attempt has begun with before its claim; <see cref="ClaimedAt"/> is when it began.</summary>
    public IReadOnlyList<JournalEntry>? Known { get; init; }

    public ClaimDecision Decision { get; internal set; }

    /// <summary>The journal so far, where the claim holds.</summary>
    public IReadOnlyList<JournalEntry> Journal { get; internal set; } = [];

    public DateTimeOffset ClaimedAt { get; set; }

    /// <summary>The same for every try of this item, so that a commit that failed only seemingly repeats the outcome once.</summary>
    internal Guid? RepeatId { get; set; }
}

/// <summary>Journals one entry.</summary>
public sealed class CheckpointItem(RunKey key, int epoch, CheckpointWrite write, Action<AttemptItem, Exception?>? done) : AttemptItem(key, epoch, done)
{
    public CheckpointWrite Write => write;

    /// <summary>What was journaled; null when it was there already, or refused.</summary>
    public JournalEntry? Entry { get; internal set; }
}

/// <param name="SleepMs">Makes the entry a sleep of this length from the commit on.</param>
public sealed record CheckpointWrite(
    string Key, RawJson Output, RawJson? State = null, IReadOnlyList<EmittedEvent>? Events = null, long? SleepMs = null,
    DateTimeOffset? StartedAt = null, long? DurationMs = null, int LargestStateValue = 0)
{
    /// <summary>Runs that start once the entry is committed.</summary>
    public IReadOnlyList<ScheduledStart>? Schedules { get; init; }
}

public sealed record EmittedEvent(string Topic, RawJson Payload);

/// <summary>A run that a handler schedules. Without a time it starts <paramref name="DelayMs"/> after the commit.</summary>
/// <param name="Run">Follows from the scheduling run, the entry's key and a number: <see cref="AttemptMessages.ScheduledRunOf"/>.</param>
public sealed record ScheduledStart(RunId Run, string Job, RawJson Args, DateTimeOffset? At, long DelayMs = 0);

/// <summary>Ends an attempt, whoever ends it: its handler, its worker's loss, its time limit.</summary>
public sealed class EndItem(RunKey key, int epoch, Ending ending, Action<AttemptItem, Exception?>? done) : AttemptItem(key, epoch, done)
{
    public Ending Ending => ending;

    public override bool IsPatient => true;

    /// <summary>Given when the attempt may have no lease yet: it is handed back before a worker took it.</summary>
    public ExecuteRun? Unclaimed { get; init; }

    /// <summary>Tells the scheduler nothing: it learns of the loss of a whole executor by other means.</summary>
    public bool Silent { get; init; }
}

/// <summary>Ends whatever the run does at this epoch or an older one, and leaves a mark for a dispatch of it that is still on its way.</summary>
public sealed class CancelItem(CancelAttempt command, Action<AttemptItem, Exception?>? done)
    : AttemptItem(new(command.OrgId, command.RunId), command.Epoch, done);

/// <summary>Deletes what the broker has confirmed, when nothing else comes along that would.</summary>
public sealed class FlushOutboxItem(Action<AttemptItem, Exception?>? done = null) : AttemptItem(default, 0, done)
{
    public override bool IsPatient => true;
}

/// <summary>The answer to a worker's frame: acknowledged, or refused with one of <see cref="RefuseCodes"/>.</summary>
public readonly record struct Verdict(string? Code, string? Message = null, DateTimeOffset? Due = null)
{
    public bool IsAck => Code is null;

    public static Verdict Ack(DateTimeOffset? due = null) => new(null, null, due);

    public static readonly Verdict Superseded = new(RefuseCodes.Superseded, "The attempt is over, or a newer one has begun.");
}

public static class RefuseCodes
{
    public const string Superseded = "superseded";
    public const string TooLarge = "too_large";
    public const string Invalid = "invalid";
    public const string Duplicate = "duplicate";
    public const string Unavailable = "unavailable";
}

public enum ClaimDecision
{
    /// <summary>The lease is this attempt's.</summary>
    Claimed,

    /// <summary>A newer epoch exists, or this one was cancelled: nothing is to be said.</summary>
    Superseded,

    /// <summary>The attempt has ended before: its outcome is sent again.</summary>
    Ended,
}
