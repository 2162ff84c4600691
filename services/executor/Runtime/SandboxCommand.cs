namespace ReactorJobs.Executor.Runtime;

/// <summary>A program and the world that it sees.</summary>
/// <param name="Arguments">The program first. Paths are those inside.</param>
/// <param name="WorkingFolder">Inside.</param>
/// <param name="Network">False leaves it without any network but its own loopback.</param>
public sealed record SandboxCommand(IReadOnlyList<string> Arguments, IReadOnlyList<SandboxMount> Mounts, SandboxLimits Limits, string WorkingFolder = "/tmp", bool Network = false);

/// <param name="Target">Where it appears inside, below <c>/srv</c>.</param>
public sealed record SandboxMount(string Source, string Target, bool Writable = false);

/// <param name="Processes">And threads.</param>
/// <param name="TmpBytes">Of /tmp and of any one file.</param>
/// <param name="CpuPercent">Of one core.</param>
/// <param name="CpuTime">In all; null for a process that stays.</param>
public sealed record SandboxLimits(long MemoryBytes, int Processes, int OpenFiles, long TmpBytes, int CpuPercent, TimeSpan? CpuTime = null);

/// <param name="Code">128 and the number of the signal for a process that a signal ended.</param>
/// <param name="OutOfMemory">The memory limit was reached.</param>
public sealed record SandboxExit(int Code, bool OutOfMemory)
{
    public int? Signal => Code > 128 ? Code - 128 : null;
}

/// <summary>How a program that ran to its end did.</summary>
/// <param name="Output">At most 64 KiB of its standard output, the end of it.</param>
/// <param name="Error">At most 64 KiB of its standard error, the end of it.</param>
public sealed record SandboxResult(int Code, bool TimedOut, bool OutOfMemory, string Output, string Error)
{
    public bool Succeeded => Code == 0 && !TimedOut && !OutOfMemory;
}
