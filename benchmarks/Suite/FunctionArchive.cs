using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace ReactorJobs.Bench.Suite;

/// <summary>The bundle of one of the functions in <c>functions/index.mjs</c>.</summary>
static class FunctionArchive
{
    /// <param name="export">Its name there.</param>
    public static byte[] Of(string folder, string export)
    {
        using var archive = new MemoryStream();
        using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip))
        {
            Add(tar, "index.mjs", $"export {{ {export} as default }} from './functions.mjs';\n");
            Add(tar, "functions.mjs", File.ReadAllText(Path.Combine(folder, "index.mjs")));
        }

        return archive.ToArray();
    }

    static void Add(TarWriter tar, string path, string text) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
}
