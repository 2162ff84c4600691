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
}
