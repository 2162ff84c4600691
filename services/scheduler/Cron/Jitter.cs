using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// How long after its nominal time a fire starts its run, so that not everything starts at the full hour. It follows from the trigger and the
/// nominal time: whoever computes it again, after a crash or elsewhere, gets the same.
/// </summary>
public static class Jitter
{
    /// <summary>Jitter spreads load; what is longer is another schedule.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <param name="trigger">The trigger's id.</param>
    /// <param name="most">The pause is shorter than that, and than the time to the <paramref name="next"/> fire, so that fires keep their order.</param>
    public static TimeSpan DelayOf(string trigger, DateTimeOffset nominal, TimeSpan most, DateTimeOffset? next = null)
    {
        if (next - nominal is { } interval && interval < most)
            most = interval;
        var ms = (long)most.TotalMilliseconds;
        if (ms <= 0)
            return TimeSpan.Zero;
        var key = new byte[8 + Encoding.UTF8.GetMaxByteCount(trigger.Length)];
        BinaryPrimitives.WriteInt64BigEndian(key, nominal.ToUnixTimeMilliseconds());
        var length = 8 + Encoding.UTF8.GetBytes(trigger, key.AsSpan(8));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key.AsSpan(0, length), hash);
        return TimeSpan.FromMilliseconds((long)Math.BigMul(BinaryPrimitives.ReadUInt64BigEndian(hash), (ulong)ms, out _));
    }
}
