namespace ReactorJobs.Cli.Runs;

/// <summary>The statuses of a run (A11), as far as a client decides by them.</summary>
static class RunStatus
{
    public const string Completed = "completed";
    public const string Sleeping = "sleeping";
    public const string Retrying = "retrying";
    public const string Running = "running";

    public static bool IsFinal(string? status) => status is Completed or "failed" or "cancelled";

    /// <summary>For a command that waited for the end: a cancelled run did not do its work either.</summary>
    public static int ExitCodeOf(string? status) => status == Completed ? ExitCode.Ok : ExitCode.Failed;
}
