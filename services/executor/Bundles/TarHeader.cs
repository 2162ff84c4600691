using System.Text;

namespace ReactorJobs.Executor.Bundles;

/// <summary>One block of 512 bytes that says what follows it in an archive.</summary>
readonly record struct TarHeader(byte[] Name, long Size, char Type)
{
    public const int Length = 512;

    /// <summary>Reads a block; null where it is none.</summary>
    public static TarHeader? Read(ReadOnlySpan<byte> block)
    {
        if (Number(block.Slice(148, 8)) is not { } stated || stated != Sum(block) || Number(block.Slice(124, 12)) is not { } size)
            return null;
        var name = Text(block[..100]).ToArray();
        // In GNU's own form the bytes of the prefix hold times.
        if (block.Slice(257, 6).SequenceEqual("ustar\0"u8) && Text(block.Slice(345, 155)) is { Length: > 0 } prefix)
            name = [.. prefix, (byte)'/', .. name];
        var type = (char)block[156];
        return new(name, size, type == '\0' ? name is [.., (byte)'/'] ? '5' : '0' : type);
    }

    /// <summary>The checksum counts its own field as spaces.</summary>
    static long Sum(ReadOnlySpan<byte> block)
    {
        var sum = 8L * ' ';
        for (var i = 0; i < Length; i++)
            if (i is < 148 or >= 156)
                sum += block[i];
        return sum;
    }

    /// <summary>Octal digits, or GNU's binary form, where the first bit is set; null for anything else and for what no size can be.</summary>
    static long? Number(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        if (field[0] == 0x80)
        {
            foreach (var one in field[1..])
            {
                if (value > long.MaxValue >> 8)
                    return null;
                value = (value << 8) | one;
            }

            return value;
        }

        var digits = field.Trim(" \0"u8);
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }

    static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field;
}

/// <summary>What a pax header says about the entry after it.</summary>
/// <param name="Sparse">It describes a file with holes.</param>
readonly record struct PaxRecords(byte[]? Path, long? Size, bool Sparse)
{
    /// <summary>Reads records <c>"length key=value\n"</c>; null where they are broken.</summary>
    public static PaxRecords? Read(ReadOnlySpan<byte> text)
    {
        var records = new PaxRecords();
        while (text.Length > 0)
        {
            var space = text.IndexOf((byte)' ');
            if (space is < 1 or > 9 || !int.TryParse(text[..space], System.Globalization.NumberStyles.None, null, out var length) || length <= space + 1 ||
                length > text.Length || text[length - 1] != '\n')
                return null;
            var record = text[(space + 1)..(length - 1)];
            text = text[length..];
            var equals = record.IndexOf((byte)'=');
            if (equals < 1)
                return null;
            var value = record[(equals + 1)..];
            switch (Encoding.UTF8.GetString(record[..equals]))
            {
                case "path":
                    records = records with { Path = value.ToArray() };
                    break;
                case "size" when long.TryParse(value, System.Globalization.NumberStyles.None, null, out var size):
                    records = records with { Size = size };
                    break;
                case "size":
                    return null;
                case var key when key.StartsWith("GNU.sparse.", StringComparison.Ordinal):
                    records = records with { Sparse = true };
                    break;
                default: // times, owners, attributes: not of a bundle
                    break;
            }
        }

        return records;
    }
}
