using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Ids;

/// <summary>
/// Makes ids from the injected clock and dice. Ids made by one source in the same millisecond still ascend, so that a group of inserts
/// goes to the right edge of the index in the order of its acceptance.
/// </summary>
public sealed class IdSource(TimeProvider time, Action<byte[]> fillRandom)
{
    readonly Lock gate = new();
    readonly byte[] random = new byte[10];
    long lastMs;

    public IdSource(TimeProvider time) : this(time, bytes => RandomNumberGenerator.Fill(bytes))
    {
    }

    public RunId NewRun() => new(Next());

    public EventId NewEvent() => new(Next());

    public string New(string prefix) => Ulid.Format(prefix, Next());

    public Guid Next()
    {
        lock (gate)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > lastMs)
            {
                lastMs = now;
                fillRandom(random);
                random[0] &= 0x7f; // room to count up within the millisecond
            }
            else
            {
                var tail = BinaryPrimitives.ReadUInt64BigEndian(random.AsSpan(2)) + 1;
                BinaryPrimitives.WriteUInt64BigEndian(random.AsSpan(2), tail);
                if (tail == 0)
                    BinaryPrimitives.WriteUInt16BigEndian(random, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(random) + 1));
            }

            return Ulid.Create(DateTimeOffset.FromUnixTimeMilliseconds(lastMs), random);
        }
    }

    /// <summary>
    /// The id of something that follows from something else, such as the run that an event starts for a trigger: the same parent and key
    /// give the same id, and it sorts with its parent's time.
    /// </summary>
    public static Guid Derive(Guid parent, string key) => Derive(parent, key, Ulid.TimeOf(parent));

    /// <summary>The same, sorting with another time than the parent's.</summary>
    public static Guid Derive(Guid parent, string key, DateTimeOffset at)
    {
        Span<byte> hash = stackalloc byte[32];
        var text = Encoding.UTF8.GetBytes(key);
        var input = new byte[16 + text.Length];
        parent.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input, 16);
        SHA256.HashData(input, hash);
        return Ulid.Create(at, hash[..10]);
    }
}
