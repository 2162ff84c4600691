using System.Text;

namespace ReactorJobs.Embedded;

/// <summary>What a server wrote to its log since it was started.</summary>
static class ServerLog
{
    public static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    /// <summary>What was written after <paramref name="from"/>, at most its last 64 KB.</summary>
    public static string Since(string file, long from)
    {
        const int most = 65_536;
        if (!File.Exists(file)) return "";
        using var log = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Position = Math.Max(from, log.Length - most);
        using var reader = new StreamReader(log, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
