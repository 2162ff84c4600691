using System.Text;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>What a process writes past the console that its runner has redirected: before an attempt, from a native library, from a child.</summary>
/// <param name="write">Takes lines for an attempt; false when there is none at the moment.</param>
sealed class ProcessOutput(Func<IReadOnlyList<LogLine>, bool> write)
{
    const int LongestLine = 8 << 10;
    const int MostWaiting = 200;
    const int LastErrors = 20;

    readonly Lock gate = new();
    readonly List<LogLine> waiting = [];
    readonly Queue<string> errors = [];

    /// <summary>The last lines of standard error.</summary>
    public string LastError
    {
        get
        {
            lock (gate)
                return string.Join('\n', errors);
        }
    }

    /// <summary>What came while there was no attempt: the first one gets it.</summary>
    public IReadOnlyList<LogLine> TakeWaiting()
    {
        lock (gate)
        {
            IReadOnlyList<LogLine> taken = [.. waiting];
            waiting.Clear();
            return taken;
        }
    }

    /// <summary>Reads to the end of the stream, line by line; a line that does not end is cut into pieces.</summary>
    public async Task Read(Stream stream, bool isError)
    {
        var (line, part) = (new MemoryStream(), new byte[16 << 10]);
        int read;
        try
        {
            while ((read = await stream.ReadAsync(part)) > 0)
            {
                var lines = new List<string>();
                foreach (var one in part.AsMemory(0, read).ToArray())
                {
                    if (one != '\n')
                        line.WriteByte(one);
                    if (one == '\n' || line.Length >= LongestLine)
                        Take(line, lines);
                }

                Write(lines, isError);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The process is gone.
        }

        if (line.Length > 0)
        {
            var last = new List<string>();
            Take(line, last);
            Write(last, isError);
        }
    }

    static void Take(MemoryStream line, List<string> lines)
    {
        lines.Add(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length).TrimEnd('\r'));
        line.SetLength(0);
    }

    void Write(List<string> lines, bool isError)
    {
        if (lines.Count == 0)
            return;
        List<LogLine> entries = [.. lines.Select(x => new LogLine(null, isError ? "error" : "info", null, x))];
        var written = write(entries);
        lock (gate)
        {
            if (!written)
                waiting.AddRange(entries.Take(MostWaiting - waiting.Count));
            foreach (var line in isError ? lines : [])
            {
                errors.Enqueue(line);
                if (errors.Count > LastErrors)
                    errors.Dequeue();
            }
        }
    }
}
