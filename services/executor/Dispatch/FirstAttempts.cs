using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Dispatch;

/// <summary>
/// Knows which attempts may begin before their lease is committed: a run's first one, when nothing can have made a second one yet. A newer
/// epoch exists only where this executor has ended the first one, or where a scheduler has not heard of this executor for longer than
/// <see cref="Trust"/>; so a dispatch that builds on a recent advertisement, and that was not seen before, is the only one there is.
/// </summary>
/// <remarks>It is measured by this process's own monotonic clock alone, so that no two clocks have to agree.</remarks>
sealed class FirstAttempts(TimeProvider time)
{
    /// <summary>Less than the 5 s after which a scheduler may take a dispatch for lost.</summary>
    static readonly TimeSpan Trust = TimeSpan.FromSeconds(4);

    readonly long start = time.GetTimestamp();
    readonly HashSet<RunKey> seen = [];
    readonly Queue<(RunKey Key, TimeSpan At)> order = [];

    /// <summary>How long this executor has been up; advertisements carry it, and dispatches give it back.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(start);

    public bool IsRecent(ExecuteRun run) => run.AsOf is { } asOf && Uptime.TotalMilliseconds - asOf < Trust.TotalMilliseconds;

    /// <summary>True for a run's first dispatch, once. A copy that comes after the run was forgotten here is no longer recent.</summary>
    public bool IsFirst(ExecuteRun run)
    {
        if (run.Epoch != 1 || run.Shares is not null || !IsRecent(run))
            return false;
        var now = Uptime;
        while (order.TryPeek(out var oldest) && now - oldest.At > Trust)
            seen.Remove(order.Dequeue().Key);
        var key = RunKey.Of(run);
        if (!seen.Add(key))
            return false;
        order.Enqueue((key, now));
        return true;
    }
}
