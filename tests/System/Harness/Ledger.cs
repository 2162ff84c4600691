using System.Globalization;
using System.Text;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>One line that a worker wrote; <paramref name="At"/> is in nanoseconds of the machine's monotonic clock, the same for all processes.</summary>
/// <param name="Value">What the step gave, where the line is its acknowledgement.</param>
readonly record struct LedgerLine(long At, int Process, string What, string Run, string Step, string? Value);

/// <summary>What the workers say they have done, read from their files as they grow (<c>workers/ledger.mjs</c>, or <see cref="LedgerServer"/>).</summary>
sealed class Ledger(string folder)
{
    readonly Dictionary<string, long> read = [];
    readonly List<LedgerLine> lines = [];
    readonly HashSet<string> done = [];

    public string Folder => folder;

    public IReadOnlyList<LedgerLine> Lines => lines;

    /// <summary>Runs whose handler came to its end at least once.</summary>
    public int Done => done.Count;

    /// <summary>Steps that began more than once, as they may while no checkpoint of theirs is acknowledged.</summary>
    public int StartedAgain => lines.Where(line => line.What == "start").GroupBy(line => (line.Run, line.Step)).Count(starts => starts.Count() > 1);

    /// <summary>Takes in what was written since. A line that a kill cut off has no end and never counts.</summary>
    public void Read()
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.ledger"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var from = read.GetValueOrDefault(file);
            var bytes = new byte[stream.Length - from];
            stream.Position = from;
            stream.ReadExactly(bytes);
            var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            read[file] = from + whole;
            foreach (var line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Take(line.Split(' '));
        }
    }

    void Take(string[] fields)
    {
        var line = new LedgerLine(
            long.Parse(fields[0], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), fields[2], fields[3], fields[4], fields.ElementAtOrDefault(6));
        lines.Add(line);
        if (line.What == "done")
            done.Add(line.Run);
    }
}
