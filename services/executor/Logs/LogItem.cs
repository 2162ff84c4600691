using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Logs;

/// <summary>One line of a run's log.</summary>
/// <param name="Id">Ascends in the order of storage; 0 before that.</param>
public sealed record LogEntry(long Id, string OrgId, RunId Run, string Job, int Attempt, DateTimeOffset Ts, string Level, string? Step, string Message);

/// <summary>Lines that came in one frame. Nobody waits for them; what cannot be stored is said in the executor's own log.</summary>
public sealed class LogItem(string orgId, RunId run, IReadOnlyList<LogEntry> lines) : IGroupItem
{
    public string OrgId => orgId;
    public RunId Run => run;

    public IReadOnlyList<LogEntry> Lines => lines;

    public void Complete()
    {
    }

    public void Fail(Exception exception)
    {
    }
}

public static class LogRules
{
    public const int MessageLength = 8 << 10;
    public const int LinesPerRun = 10_000;
    const string Cut = " … (cut)";

    public static readonly string LastLine = $"This run has logged {LinesPerRun:N0} lines; what it logs from here on is not kept.";

    /// <summary>At most 8 KiB as UTF-8, and without NUL, which the store cannot keep.</summary>
    public static string Bounded(string message)
    {
        if (message.Contains('\0', StringComparison.Ordinal))
            message = message.Replace('\0', '\uFFFD');
        if (message.Length * 3 <= MessageLength || System.Text.Encoding.UTF8.GetByteCount(message) <= MessageLength)
            return message;
        var (length, bytes) = (0, 0);
        foreach (var rune in message.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > MessageLength - 16)
                break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return message[..length] + Cut;
    }

    /// <summary>How many of the new lines are kept, and whether the line that says so follows them.</summary>
    public static (int Kept, bool Closing) Admit(long stored, int lines) =>
        stored > LinesPerRun ? (0, false)
        : stored + lines <= LinesPerRun ? (lines, false)
        : ((int)(LinesPerRun - stored), true);
}
