using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Dispatch;

/// <summary>
/// Knows which attempts may begin before their lease is committed: those that no other attempt can contest. A newer epoch exists only where
/// this executor has ended this one, or where a scheduler has not heard of this executor for longer than <see cref="Trust"/>; an older one
/// writes no more where there was none, or where it has suspended here. So a dispatch that builds on a recent advertisement and follows what
/// is known here is the only one there is.
/// </summary>
/// <remarks>It is measured by this process's own monotonic clock alone, so that no two clocks have to agree.</remarks>
sealed class UncontestedAttempts(KnownJournals journals, TimeProvider time)
{
    /// <summary>Less than the 5 s after which a scheduler may take a dispatch for lost.</summary>
    static readonly TimeSpan Trust = TimeSpan.FromSeconds(4);

    readonly long start = time.GetTimestamp();
    readonly HashSet<RunKey> seen = [];
    readonly Queue<(RunKey Key, TimeSpan At)> order = [];

    /// <summary>How long this executor has been up; advertisements carry it, and dispatches give it back.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(start);

    /// <summary>
    /// The journal that an attempt may begin with, asked for once, at its arrival: every further copy of the dispatch gets none, also one that
    /// was sent earlier than this one.
    /// </summary>
    public IReadOnlyList<JournalEntry>? JournalOf(ExecuteRun run)
    {
        var key = RunKey.Of(run);
        return run.Epoch > 1 ? journals.TakeSuspended(key, run.Epoch - 1)
            : IsFirst(key) && run.Shares is null ? []
            : null;
    }

    /// <summary>Whether nothing newer can exist yet.</summary>
    public bool IsRecent(ExecuteRun run) => run.AsOf is { } asOf && Uptime.TotalMilliseconds - asOf < Trust.TotalMilliseconds;

    /// <summary>Once for each run. A copy that comes after the run was forgotten here is not recent any more.</summary>
    bool IsFirst(RunKey key)
    {
        var now = Uptime;
        while (order.TryPeek(out var oldest) && now - oldest.At > Trust)
            seen.Remove(order.Dequeue().Key);
        if (!seen.Add(key))
            return false;
        order.Enqueue((key, now));
        return true;
    }
}
