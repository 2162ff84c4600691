using System.Collections.Concurrent;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Ingress.Tokens;

/// <summary>
/// What was found about tokens in the last seconds, so that the hot path asks the database nothing. Unknown tokens are remembered apart
/// from good ones: a flood of guesses cannot push those out.
/// </summary>
public sealed class TokenCache(TimeProvider time)
{
    /// <summary>Within 10 seconds a revocation is effective everywhere; a margin is left for the request that is under way.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(8);
    const int MostOfEach = 10_000;

    readonly ConcurrentDictionary<Key, Entry> good = new();
    readonly ConcurrentDictionary<Key, Entry> unknown = new();
    long forgotten;

    public bool TryGet(byte[] hash, out Caller? caller)
    {
        var key = new Key(hash);
        caller = null;
        if (!good.TryGetValue(key, out var entry) && !unknown.TryGetValue(key, out entry))
            return false;
        caller = entry.Caller;
        return time.GetElapsedTime(entry.At) < Age;
    }

    /// <summary>To be asked for before the lookup whose result is added.</summary>
    public Lookup Begin() => new(time.GetTimestamp(), Interlocked.Read(ref forgotten));

    public void Add(byte[] hash, Caller? caller, Lookup lookup)
    {
        // A change during the lookup may have made its result wrong, and whoever made the change has gone on.
        if (Interlocked.Read(ref forgotten) != lookup.Forgotten)
            return;
        var (of, other) = caller is null ? (unknown, good) : (good, unknown);
        if (of.Count >= MostOfEach)
            of.Clear();
        of[new(hash)] = new(caller, lookup.At);
        other.TryRemove(new(hash), out _);
    }

    public void Forget(byte[] hash)
    {
        Interlocked.Increment(ref forgotten);
        good.TryRemove(new(hash), out _);
        unknown.TryRemove(new(hash), out _);
    }

    public readonly record struct Lookup(long At, long Forgotten);

    readonly record struct Entry(Caller? Caller, long At);

    readonly struct Key(byte[] hash) : IEquatable<Key>
    {
        readonly byte[] hash = hash;

        public bool Equals(Key other) => hash.AsSpan().SequenceEqual(other.hash);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        // The hash is one already.
        public override int GetHashCode() => BitConverter.ToInt32(hash);
    }
}
