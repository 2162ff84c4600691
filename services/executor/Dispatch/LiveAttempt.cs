using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Dispatch;

/// <summary>An attempt from its arrival to the commit of its end. Its state is the dispatcher's.</summary>
public sealed class LiveAttempt(ExecuteRun command, long arrival)
{
    public ExecuteRun Command => command;
    public RunKey Key { get; } = RunKey.Of(command);
    public int Epoch => command.Epoch;

    /// <summary>Counts up: who came first goes first.</summary>
    internal long Arrival => arrival;

    /// <summary>The journal, where it is known without asking the store.</summary>
    internal IReadOnlyList<JournalEntry>? Known { get; init; }

    internal AttemptPhase Phase { get; set; }
    internal bool HoldsSlot { get; set; }

    public AttemptHost? Host { get; internal set; }

    /// <summary>The journal as the claim found it.</summary>
    public IReadOnlyList<JournalEntry> Journal { get; internal set; } = [];

    public DateTimeOffset ClaimedAt { get; internal set; }

    /// <summary>Not before the scheduler's moment: what the run was woken for is over, also where this machine's clock is behind.</summary>
    public DateTimeOffset Now(TimeProvider time) => time.GetUtcNow() is var now && now > command.At ? now : command.At;

    public DateTimeOffset Deadline => Lease.DeadlineOf(ClaimedAt, command.TimeoutMs);
}

enum AttemptPhase
{
    /// <summary>For a slot.</summary>
    Waiting,

    /// <summary>Has a slot; the lease is being taken.</summary>
    Claiming,
    Running,

    /// <summary>Its end is being committed.</summary>
    Ending,
    Gone,
}

/// <summary>Why an attempt is stopped, as the protocol spells it.</summary>
public static class AbortReasons
{
    public const string Cancelled = "cancelled";
    public const string Timeout = "timeout";
    public const string Superseded = "superseded";
    public const string Lost = "lost";
}

/// <summary>What runs attempts: a worker's connection, or the client of HTTP handlers. Both calls return at once.</summary>
public abstract class AttemptHost(string name, int slots)
{
    /// <summary>As operators see it.</summary>
    public string Name => name;

    public int Slots => slots;

    internal int Busy { get; set; }

    /// <summary>Takes no more attempts.</summary>
    internal bool Closed { get; set; }

    internal List<HandlerPool> Pools { get; } = [];
    internal HashSet<LiveAttempt> Attempts { get; } = [];

    internal bool HasRoom => !Closed && Busy < slots;

    public abstract void Start(LiveAttempt attempt);

    public abstract void Abort(LiveAttempt attempt, string reason);
}
