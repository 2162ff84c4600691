namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// Where every piece of work for the engine goes in. The claim of an attempt that has begun already waits here for the attempt's next write
/// and goes in just before it, so that the two are one commit; an attempt that is over at once never has a row among the leases.
/// </summary>
public sealed class AttemptInbox : IDisposable
{
    /// <summary>What runs for longer than this shows among the leases.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    readonly Lock gate = new();
    readonly Dictionary<RunKey, ClaimItem> waiting = [];
    readonly Action<AttemptItem> post;
    readonly TimeProvider time;
    readonly Deadlines<ClaimItem> patience;

    public AttemptInbox(Action<AttemptItem> post, TimeProvider time)
    {
        (this.post, this.time) = (post, time);
        patience = new(time, claim => Flush(claim.Key));
    }

    public void Post(AttemptItem item)
    {
        lock (gate)
        {
            Flush(item.Key);
            post(item);
        }
    }

    public void PostWithNext(ClaimItem claim)
    {
        lock (gate)
        {
            Flush(claim.Key);
            waiting.Add(claim.Key, claim);
            patience.Add(claim, time.GetUtcNow() + Patience);
        }
    }

    void Flush(RunKey key)
    {
        lock (gate)
        {
            if (!waiting.Remove(key, out var claim))
                return;
            patience.Remove(claim);
            post(claim);
        }
    }

    public void Dispose() => patience.Dispose();
}
