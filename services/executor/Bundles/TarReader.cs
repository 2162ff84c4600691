using System.Globalization;
using System.Text;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Bundles;

/// <param name="Type">As in the archive's format: <c>0</c> a file, <c>5</c> a folder, anything else is neither.</param>
sealed record TarEntry(string Name, char Type, long Size, bool Sparse);

/// <summary>
/// Reads an archive from front to end and nothing ahead. Nothing is allocated because a header says so: what it claims is held against
/// the limits first (System.Formats.Tar takes as much memory as a header of long names claims, before it has read a byte of them).
/// </summary>
sealed class TarReader(Stream stream, BundleLimits limits)
{
    const int MetadataBytes = 64 << 10;
    static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    readonly byte[] block = new byte[TarHeader.Length];
    long left = limits.UnpackedBytes;
    int headers;
    string place = "";
    long content;

    /// <summary>The next entry, or null at the archive's end. What the caller leaves of an entry's content is skipped.</summary>
    public TarEntry? Next()
    {
        Skip(content + Padding(content));
        content = 0;
        byte[]? longName = null;
        var pax = new PaxRecords();
        for (; ; )
        {
            ReadBlock();
            if (block.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            {
                Drain();
                return null;
            }

            if (++headers > limits.Entries)
                throw BundleRefusal.Invalid(place, string.Create(CultureInfo.InvariantCulture, $"is not the last of {limits.Entries:N0} entries; no more are allowed"));
            var header = TarHeader.Read(block) ?? throw BundleRefusal.Invalid(place, place.Length == 0 ? "is not a tar archive" : "is followed by something that is no entry of an archive");
            switch (header.Type)
            {
                case 'L':
                    longName = Metadata(header).AsSpan().TrimEnd((byte)0).ToArray();
                    break;
                case 'x':
                    pax = PaxRecords.Read(Metadata(header)) ?? throw BundleRefusal.Invalid(place, "is followed by a broken pax header");
                    break;
                case 'g':
                    // It would speak for all that follow: a name or a size cannot.
                    if (PaxRecords.Read(Metadata(header)) is not { Path: null, Size: null, Sparse: false })
                        throw BundleRefusal.Invalid(place, "is followed by a global pax header that is broken, or gives a name or a size");
                    break;
                default:
                    place = Name(pax.Path ?? longName ?? header.Name);
                    // Links and folders may state a size and have none.
                    content = header.Type == '0' ? pax.Size ?? header.Size : 0;
                    if (content > left)
                        throw TooLarge();
                    return new(place, header.Type, content, pax.Sparse || header.Type == 'S');
            }
        }
    }

    /// <summary>The content of the entry that <see cref="Next"/> gave last.</summary>
    public byte[] Content()
    {
        Spend(content);
        var bytes = new byte[content];
        Fill(bytes);
        (var padding, content) = (Padding(content), 0);
        Skip(padding);
        return bytes;
    }

    byte[] Metadata(TarHeader header)
    {
        if (header.Size > MetadataBytes)
            throw BundleRefusal.Invalid(place, string.Create(CultureInfo.InvariantCulture, $"is followed by a header of {header.Size:N0} bytes; at most {MetadataBytes:N0} are allowed"));
        Spend(header.Size);
        var bytes = new byte[header.Size];
        Fill(bytes);
        Skip(Padding(header.Size));
        return bytes;
    }

    /// <summary>To the end of the stream, whose checksum comes last. A stream that is cut there has given all of the archive, and says nothing.</summary>
    void Drain()
    {
        var buffer = new byte[64 << 10];
        int read;
        while ((read = Read(buffer)) > 0)
            Spend(read);
    }

    void ReadBlock()
    {
        Spend(block.Length);
        Fill(block);
    }

    void Skip(long bytes)
    {
        Spend(bytes);
        for (; bytes > 0; bytes -= Math.Min(bytes, block.Length))
            Fill(block.AsSpan(0, (int)Math.Min(bytes, block.Length)));
    }

    void Spend(long bytes)
    {
        if (bytes > left)
            throw TooLarge();
        left -= bytes;
    }

    ProblemException TooLarge() =>
        BundleRefusal.TooLarge(place, string.Create(CultureInfo.InvariantCulture, $"takes the bundle over {limits.UnpackedBytes:N0} bytes unpacked"));

    void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var read = Read(bytes);
            if (read == 0)
                throw Broken("is cut off");
            bytes = bytes[read..];
        }
    }

    int Read(Span<byte> bytes)
    {
        try
        {
            return stream.Read(bytes);
        }
        catch (InvalidDataException)
        {
            throw Broken("is not a whole gzip archive");
        }
    }

    ProblemException Broken(string how) => BundleRefusal.Invalid("", how + (place.Length == 0 ? "" : $" after {place}"));

    string Name(byte[] name)
    {
        try
        {
            return Utf8.GetString(name);
        }
        catch (ArgumentException)
        {
            throw BundleRefusal.Invalid(Encoding.Latin1.GetString(name), "has a name that is not UTF-8");
        }
    }

    static long Padding(long size) => -size & (TarHeader.Length - 1);
}
