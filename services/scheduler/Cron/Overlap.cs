using ReactorJobs.Contracts;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>What a fire does while a run of the same trigger has not ended.</summary>
public abstract record Overlap
{
    /// <summary>It starts its run all the same; what the job's limits leave waiting waits.</summary>
    public const string Allow = "allow";

    /// <summary>It starts none.</summary>
    public const string Skip = "skip";

    /// <summary>Its run waits for the end of those before it.</summary>
    public const string Queue = "queue";

    /// <summary>It ends them, and starts its own.</summary>
    public const string CancelRunning = "cancel_running";

    /// <summary>A queue that only grows is a schedule that its job cannot keep: more than these are skipped.</summary>
    public const int LongestQueue = 1000;

    public static readonly string[] Names = [Allow, Skip, Queue, CancelRunning];

    /// <summary>The run starts now.</summary>
    public sealed record Start : Overlap;

    /// <summary>The run starts when those before it have ended.</summary>
    public sealed record Wait : Overlap;

    /// <summary>There is no run.</summary>
    public sealed record Omit(string Reason) : Overlap;

    /// <summary>The run starts now, and these are cancelled.</summary>
    public sealed record Replace(IReadOnlyList<RunId> Runs) : Overlap;

    /// <param name="policy">One of <see cref="Names"/>.</param>
    /// <param name="unfinished">The trigger's runs that have not ended, those that wait in its queue too, the oldest first.</param>
    public static Overlap Of(string policy, IReadOnlyList<RunId> unfinished) => (unfinished.Count, policy) switch
    {
        (0, _) or (_, Allow) => new Start(),
        (_, CancelRunning) => new Replace(unfinished),
        ( <= LongestQueue, Queue) => new Wait(),
        (var count, Queue) => new Omit($"{count} runs of this trigger have not ended, and no more than {LongestQueue} wait"),
        _ => new Omit($"{unfinished[^1]} has not ended"),
    };
}
