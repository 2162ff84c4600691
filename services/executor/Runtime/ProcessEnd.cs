using System.Globalization;
using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Runtime;

/// <summary>How a function process ended.</summary>
/// <param name="Served">It had connected, and work may have been under way in it.</param>
/// <param name="Expected">It was told to end, and had nothing to do any more.</param>
/// <param name="Killed">Why the executor ended it, where it did.</param>
/// <param name="LastError">The last lines of its standard error.</param>
sealed record ProcessEnd(bool Served, bool Expected, string? Killed, SandboxExit Exit, string LastError, int MemoryMb)
{
    const int LongestError = 2000;

    static readonly (int Number, string Name)[] Signals =
        [(4, "SIGILL"), (6, "SIGABRT"), (7, "SIGBUS"), (8, "SIGFPE"), (9, "SIGKILL"), (11, "SIGSEGV"), (15, "SIGTERM"), (24, "SIGXCPU"), (25, "SIGXFSZ"), (31, "SIGSYS")];

    /// <summary>The function's code brought it down; that the executor ended it for a run that did not stop says nothing about the next one.</summary>
    public bool IsCrash => !Expected && (!Served || Killed is null);

    /// <summary>In words for whoever runs the function.</summary>
    public RunError Error => this switch
    {
        { Exit.OutOfMemory: true } => new("OutOfMemoryError", $"The function's process used more than its {MemoryMb} MB of memory and was ended.", "out_of_memory"),
        { Killed: { } reason } => new("ProcessError", $"The function's process was ended: {reason}.", "process_killed"),
        { Exit.Signal: { } signal } => new("ProcessError", $"The function's process was ended by signal {NameOf(signal)}{Detail}", "process_crashed"),
        { Served: false } => new("ProcessError", $"The function's process ended before it was ready, with exit code {Exit.Code}{Detail}", "process_not_started"),
        _ => new("ProcessError", $"The function's process ended with exit code {Exit.Code}{Detail}", "process_crashed"),
    };

    static string NameOf(int signal) => Signals.FirstOrDefault(x => x.Number == signal).Name ?? signal.ToString(CultureInfo.InvariantCulture);

    string Detail => LastError.Length == 0 ? "." : ": " + (LastError.Length > LongestError ? "…" + LastError[^LongestError..] : LastError);
}
