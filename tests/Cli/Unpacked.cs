using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace ReactorJobs.Tests.Cli;

/// <summary>What a bundle has in it, in its order.</summary>
static class Unpacked
{
    public static OrderedDictionary<string, string> Of(byte[] archive)
    {
        using var tar = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        var files = new OrderedDictionary<string, string>();
        while (tar.GetNextEntry() is { } entry)
        {
            Assert.Equal(TarEntryType.RegularFile, entry.EntryType);
            Assert.Equal(DateTimeOffset.UnixEpoch, entry.ModificationTime);
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files.Add(entry.Name, Encoding.UTF8.GetString(content.ToArray()));
        }
        return files;
    }
}
