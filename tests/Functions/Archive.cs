using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using ReactorJobs.Executor.Bundles;

namespace ReactorJobs.Tests.Functions;

/// <summary>Archives as tools write them, and as nobody should.</summary>
static class Archive
{
    public static byte[] Of(params (string Path, string Text)[] files) => Of(TarEntryFormat.Pax, files);

    public static byte[] Of(TarEntryFormat format, params (string Path, string Text)[] files) => Written(tar =>
    {
        foreach (var (path, text) in files)
        {
            System.Formats.Tar.TarEntry entry = format switch
            {
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, path),
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, path),
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, path),
                _ => new PaxTarEntry(TarEntryType.RegularFile, path),
            };
            entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            tar.WriteEntry(entry);
        }
    });

    public static byte[] Written(Action<TarWriter> write) => Zipped(stream =>
    {
        using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        write(tar);
    });

    public static byte[] Zipped(Action<Stream> write)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            write(gzip);
        return bytes.ToArray();
    }

    public static byte[] Blocks(params byte[][] blocks) => Zipped(stream =>
    {
        foreach (var block in blocks)
            stream.Write(block);
        stream.Write(new byte[1024]);
    });

    /// <summary>One header, with nothing checked; its sum is right.</summary>
    public static byte[] Header(string name, char type = '0', long size = 0, string? link = null)
    {
        var block = new byte[512];
        Encoding.Latin1.GetBytes(name).CopyTo(block, 0);
        Encoding.Latin1.GetBytes("0000644").CopyTo(block, 100);
        Encoding.Latin1.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(block, 124);
        block[156] = (byte)type;
        Encoding.Latin1.GetBytes(link ?? "").CopyTo(block, 157);
        "ustar\000"u8.CopyTo(block.AsSpan(257));
        return Summed(block);
    }

    public static byte[] Summed(byte[] block)
    {
        block.AsSpan(148, 8).Fill((byte)' ');
        Encoding.Latin1.GetBytes(Convert.ToString(block.Sum(x => x), 8).PadLeft(6, '0') + "\0 ").CopyTo(block, 148);
        return block;
    }

    /// <summary>Content, filled up to whole blocks.</summary>
    public static byte[] Content(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Array.Resize(ref bytes, (bytes.Length + 511) / 512 * 512);
        return bytes;
    }

    public static byte[][] Pax(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = rest.Length + 2;
        length = rest.Length + length.ToString(CultureInfo.InvariantCulture).Length;
        var text = length.ToString(CultureInfo.InvariantCulture) + rest;
        return [Header("pax", 'x', text.Length), Content(text)];
    }

    public static Bundle Bundle(params (string Path, string Text)[] files) => new([.. files.Select(x => new BundleFile(x.Path, Encoding.UTF8.GetBytes(x.Text)))]);
}
