namespace ReactorJobs.Scheduler.Timers;

/// <summary>Timers are spread over shards by their run's id; each shard is read by one scheduler (semantics 19).</summary>
public static class Shards
{
    public const int Count = 64;

    /// <summary>The last byte of the id is random, so that shards are even.</summary>
    public static short Of(Guid run)
    {
        Span<byte> bytes = stackalloc byte[16];
        run.TryWriteBytes(bytes, bigEndian: true, out _);
        return (short)(bytes[15] % Count);
    }

    /// <summary>The share of one scheduler among those there are: they need not talk to agree.</summary>
    /// <param name="schedulers">All of them by name, this one included.</param>
    public static IReadOnlyList<short> Share(IEnumerable<string> schedulers, string name)
    {
        var all = schedulers.Order(StringComparer.Ordinal).ToList();
        var turn = all.IndexOf(name);
        return [.. Enumerable.Range(0, Count).Where(shard => shard % all.Count == turn).Select(shard => (short)shard)];
    }
}

/// <param name="Shards">Those that the scheduler reads.</param>
/// <param name="Schedulers">How many schedulers there are.</param>
public sealed record ShardLease(IReadOnlyList<short> Shards, int Schedulers);
