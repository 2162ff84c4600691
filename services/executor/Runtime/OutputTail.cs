using System.Text;

namespace ReactorJobs.Executor.Runtime;

/// <summary>The end of what a program writes.</summary>
static class OutputTail
{
    const int Kept = 64 << 10;

    /// <summary>Reads to the end of the stream.</summary>
    public static async Task<string> Read(Stream stream)
    {
        var (kept, part) = (new MemoryStream(), new byte[16 << 10]);
        int read;
        while ((read = await stream.ReadAsync(part)) > 0)
        {
            kept.Write(part, 0, read);
            if (kept.Length > 2 * Kept)
                kept = Tail(kept);
        }

        return Encoding.UTF8.GetString(Tail(kept).ToArray());
    }

    static MemoryStream Tail(MemoryStream whole)
    {
        var from = (int)Math.Max(0, whole.Length - Kept);
        var tail = new MemoryStream();
        tail.Write(whole.GetBuffer(), from, (int)whole.Length - from);
        return tail;
    }
}
