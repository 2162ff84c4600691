namespace ReactorJobs.Executor.Attempts;

/// <summary>
/// Tells when something has run out of time: one timer for all. What ends in time is most of it, and is swept out when it outnumbers
/// what still runs.
/// </summary>
public sealed class Deadlines<T> : IDisposable where T : notnull
{
    static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    readonly Lock gate = new();
    readonly Dictionary<T, DateTimeOffset> live = [];
    readonly TimeProvider time;
    readonly Action<T> expired;
    readonly ITimer timer;
    PriorityQueue<T, DateTimeOffset> queue = new();
    DateTimeOffset next = DateTimeOffset.MaxValue;

    public Deadlines(TimeProvider time, Action<T> expired)
    {
        this.time = time;
        this.expired = expired;
        timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Queued => queue.Count;

    public void Add(T item, DateTimeOffset at)
    {
        lock (gate)
        {
            live[item] = at;
            queue.Enqueue(item, at);
            if (at < next)
                SetTimer(at);
        }
    }

    public void Remove(T item)
    {
        lock (gate)
        {
            live.Remove(item);
            if (queue.Count > 64 + (2 * live.Count))
                queue = new(live.Select(static x => (x.Key, x.Value)));
        }
    }

    void Fire()
    {
        var due = new List<T>();
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (queue.TryPeek(out var item, out var at) && (at <= now || !live.ContainsKey(item)))
            {
                queue.Dequeue();
                if (live.TryGetValue(item, out var current) && current <= now && live.Remove(item))
                    due.Add(item);
            }

            next = DateTimeOffset.MaxValue;
            if (queue.TryPeek(out _, out var first))
                SetTimer(first);
        }

        foreach (var item in due)
            expired(item);
    }

    void SetTimer(DateTimeOffset at)
    {
        next = at;
        var wait = at - time.GetUtcNow();
        // A millisecond more than needed, so that the timer is never a hair too early.
        timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();
}
