using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Dispatch;

/// <summary>The handler that an attempt needs; every URL is the same handler, served for every org.</summary>
readonly record struct PoolKey(string OrgId, string Handler)
{
    public static readonly PoolKey Http = new(SlotPool.AnyOrg, SlotPool.HttpHandlers);

    public static PoolKey Of(ExecuteRun run) => IsUrl(run.Handler) ? Http : new(run.OrgId, run.Handler);

    public static bool IsUrl(string handler) =>
        handler.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || handler.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Who serves a handler, and what waits for it.</summary>
sealed class HandlerPool(PoolKey key)
{
    readonly Queue<LiveAttempt> waiting = [];

    public PoolKey Key => key;
    public List<AttemptHost> Hosts { get; } = [];

    public void Enqueue(LiveAttempt attempt) => waiting.Enqueue(attempt);

    /// <summary>The oldest that still waits.</summary>
    public LiveAttempt? Peek()
    {
        while (waiting.TryPeek(out var first))
        {
            if (first.Phase == AttemptPhase.Waiting)
                return first;
            waiting.Dequeue();
        }

        return null;
    }

    public LiveAttempt Dequeue() => waiting.Dequeue();

    /// <summary>The host with the smallest share of its slots in use.</summary>
    public AttemptHost? LeastLoaded()
    {
        AttemptHost? best = null;
        foreach (var host in Hosts)
            if (host.HasRoom && (best is null || (long)host.Busy * best.Slots < (long)best.Busy * host.Slots))
                best = host;
        return best;
    }
}
