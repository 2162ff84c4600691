using System.Text;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>What one attempt may log. Not safe for several threads at once.</summary>
sealed class LogAllowance(long most)
{
    long used;
    bool said;

    /// <summary>The lines that are kept, and once a line that says that the rest is dropped.</summary>
    public IReadOnlyList<LogLine> Admit(IReadOnlyList<LogLine> lines)
    {
        if (said)
            return [];
        var kept = 0;
        while (kept < lines.Count && (used += Encoding.UTF8.GetByteCount(lines[kept].Message)) <= most)
            kept++;
        if (kept == lines.Count)
            return lines;
        said = true;
        return [.. lines.Take(kept), new LogLine(null, "warn", null, $"This attempt has logged {most:N0} bytes; what it logs from here on is not kept.")];
    }
}
