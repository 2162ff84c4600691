using System.Buffers.Binary;

namespace ReactorJobs.Contracts;

/// <summary>
/// The text form of the suite's ids: 26 characters of Crockford's base 32 for 128 bits, of which the first 48 are the milliseconds of
/// the id's making. Ids sort by age, as text, as bytes and in the database's <c>uuid</c>.
/// </summary>
public static class Ulid
{
    public const int Length = 26;
    const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static Guid Create(DateTimeOffset at, ReadOnlySpan<byte> tenRandomBytes)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds() << 16);
        tenRandomBytes[..10].CopyTo(bytes[6..]);
        return new Guid(bytes, bigEndian: true);
    }

    public static DateTimeOffset TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
    }

    public static string Format(string prefix, Guid id) =>
        string.Create(prefix.Length + Length, (prefix, id), static (text, source) =>
        {
            source.prefix.CopyTo(text);
            Span<byte> bytes = stackalloc byte[16];
            source.id.TryWriteBytes(bytes, bigEndian: true, out _);
            var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            for (var i = text.Length - 1; i >= source.prefix.Length; i--, value >>= 5)
                text[i] = Alphabet[(int)(uint)(value & 31)];
        });

    /// <summary>Reads an id of this prefix; false for anything else, lower-case letters included (one id has one spelling).</summary>
    public static bool TryParse(string prefix, ReadOnlySpan<char> text, out Guid id)
    {
        id = default;
        if (text.Length != prefix.Length + Length || !text.StartsWith(prefix, StringComparison.Ordinal) || text[prefix.Length] > '7')
            return false;

        UInt128 value = 0;
        foreach (var c in text[prefix.Length..])
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            value = (value << 5) | (uint)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new Guid(bytes, bigEndian: true);
        return true;
    }
}
