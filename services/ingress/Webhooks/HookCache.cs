using System.Collections.Concurrent;
using ReactorJobs.Ingress.Tokens;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>
/// The hooks of the last seconds with their opened secrets, as <see cref="TokenCache"/> has the callers: addresses that are nobody's are
/// remembered apart, so that guesses cannot push the others out.
/// </summary>
public sealed class HookCache(TimeProvider time)
{
    const int MostOfEach = 10_000;

    readonly ConcurrentDictionary<string, Entry> good = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, Entry> unknown = new(StringComparer.Ordinal);
    long changes;

    public async ValueTask<Hook?> Get(string address, Func<Task<Hook?>> look)
    {
        if ((good.TryGetValue(address, out var entry) || unknown.TryGetValue(address, out entry)) && time.GetElapsedTime(entry.At) < TokenCache.Age)
            return entry.Hook;
        // The age counts from before the lookup, and a change during it may have made its result wrong.
        var (began, seen) = (time.GetTimestamp(), Interlocked.Read(ref changes));
        var hook = await look();
        if (Interlocked.Read(ref changes) != seen)
            return hook;
        var (of, other) = hook is null ? (unknown, good) : (good, unknown);
        if (of.Count >= MostOfEach)
            of.Clear();
        of[address] = new(hook, began);
        other.TryRemove(address, out _);
        return hook;
    }

    /// <summary>Triggers change seldom.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref changes);
        good.Clear();
        unknown.Clear();
    }

    readonly record struct Entry(Hook? Hook, long At);
}
