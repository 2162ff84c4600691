using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Reactor.Jobs.EntityFrameworkCore;

/// <summary>Makes the suite's ids: 48 bits of milliseconds and 80 random ones, written in 26 digits of Crockford's base 32.</summary>
static class CallId
{
    const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const int Digits = 26;

    public static string New(string prefix, TimeProvider time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        RandomNumberGenerator.Fill(bytes[6..]);
        return string.Create(prefix.Length + Digits, (prefix, BinaryPrimitives.ReadUInt128BigEndian(bytes)), static (text, id) =>
        {
            id.prefix.CopyTo(text);
            var value = id.Item2;
            for (var i = text.Length - 1; i >= id.prefix.Length; i--, value >>= 5)
                text[i] = Alphabet[(int)(uint)(value & 31)];
        });
    }
}
