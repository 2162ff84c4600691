using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>Bundles of functions, written where the test is that deploys them.</summary>
static class Bundles
{
    public static async Task<Answer> Upload(Api api, string function, params (string Path, string Text)[] files)
    {
        using var archive = new MemoryStream();
        await using (var zip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(zip))
            foreach (var (path, text) in files)
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        using var content = new ByteArrayContent(archive.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/gzip") } };
        return await api.Upload($"/functions/v1/_admin/functions/{function}/deployments", content);
    }
}
