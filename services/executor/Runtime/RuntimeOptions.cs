using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Executor.Runtime;

/// <summary>Settings of the functions that this executor runs.</summary>
public sealed record RuntimeOptions
{
    public const string Required = "required";
    public const string BestEffort = "best_effort";

    /// <summary>Handlers mostly wait, so that one process has room for many; a second one is started when the first is full.</summary>
    const int FewestSlots = 100;

    /// <summary><c>required</c>: nothing runs uncontained; <c>best_effort</c>: without bubblewrap functions run with the executor's own rights.</summary>
    public string Containment { get; init; } = BestEffort;

    /// <summary>How many attempts and requests run at once in all functions: 1 to 100,000, by default 100.</summary>
    public int WorkerCount { get; init; } = 100;

    /// <summary>How many of them one process takes: 1 to 10,000; by default 100, or more where the worker count could not be reached otherwise.</summary>
    public int? AttemptsPerProcess { get; init; }

    /// <summary>How many processes a version of a function has at most: 1 to 1,000; by default the machine's cores, at most the worker count.</summary>
    public int? MaxProcesses { get; init; }

    /// <summary>After this time without work a process is ended: 1 s to a day, by default 5 minutes.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Of one process and all that it starts: 64 to 65,536, by default 512.</summary>
    public int MemoryMb { get; init; } = 512;

    /// <summary>What a process may write to /tmp, which is memory: 1 to 16,384, by default 64.</summary>
    public int TmpMb { get; init; } = 64;

    /// <summary>Processes and threads of one function process: 32 to 10,000, by default 128.</summary>
    public int Processes { get; init; } = 128;

    /// <summary>64 to 65,536, by default 1,024.</summary>
    public int OpenFiles { get; init; } = 1024;

    /// <summary>Processor time of one process, in percent of one core: 10 to 100,000, by default 200.</summary>
    public int CpuPercent { get; init; } = 200;

    /// <summary>What one attempt may log: 1,024 to 67,108,864, by default 1 MiB.</summary>
    public long LogBytes { get; init; } = 1 << 20;

    /// <summary>The program; by default <c>bwrap</c> on the PATH.</summary>
    public string? Bubblewrap { get; init; }

    /// <summary>The program; by default the one on the PATH, or that of the SDK's workspace.</summary>
    public string? Bun { get; init; }

    /// <summary>The program; by default the one on the PATH.</summary>
    public string? Node { get; init; }

    /// <summary>The workspace of the TypeScript SDK, built; by default found above the program's folder.</summary>
    public string? SdkFolder { get; init; }

    /// <summary>What the installation's settings say, and defaults for the rest.</summary>
    public static RuntimeOptions From(JobsSettings jobs, FunctionsSettings functions) => new()
    {
        WorkerCount = jobs.WorkerCount,
        Containment = functions.Containment,
        MaxProcesses = functions.MaxProcesses,
        Idle = TimeSpan.FromSeconds(functions.IdleSeconds),
        MemoryMb = functions.MemoryMb,
        TmpMb = functions.TmpMb,
        CpuPercent = functions.CpuPercent,
        LogBytes = functions.LogBytes,
        Bun = functions.Bun,
        Node = functions.Node,
    };

    public int ProcessLimit => MaxProcesses ?? Math.Min(Environment.ProcessorCount, WorkerCount);

    public int SlotsPerProcess => AttemptsPerProcess ?? Math.Max(FewestSlots, (WorkerCount + ProcessLimit - 1) / ProcessLimit);

    internal SandboxLimits Limits => new((long)MemoryMb << 20, Processes, OpenFiles, (long)TmpMb << 20, CpuPercent);

    /// <summary>Throws one line that names the setting, its value and what is allowed.</summary>
    public RuntimeOptions Validated()
    {
        Check(Containment is Required or BestEffort, "containment", Containment, $"must be {Required} or {BestEffort}");
        Check(WorkerCount is >= 1 and <= 100_000, "worker_count", WorkerCount, "must be from 1 to 100,000");
        Check(AttemptsPerProcess is null or (>= 1 and <= 10_000), "attempts_per_process", AttemptsPerProcess, "must be from 1 to 10,000");
        Check(MaxProcesses is null or (>= 1 and <= 1000), "max_processes", MaxProcesses, "must be from 1 to 1,000");
        Check(Idle >= TimeSpan.FromSeconds(1) && Idle <= TimeSpan.FromDays(1), "idle", Idle, "must be from 1 s to a day");
        Check(MemoryMb is >= 64 and <= 65_536, "memory_mb", MemoryMb, "must be from 64 to 65,536");
        Check(TmpMb is >= 1 and <= 16_384, "tmp_mb", TmpMb, "must be from 1 to 16,384");
        Check(Processes is >= 32 and <= 10_000, "processes", Processes, "must be from 32 to 10,000");
        Check(OpenFiles is >= 64 and <= 65_536, "open_files", OpenFiles, "must be from 64 to 65,536");
        Check(CpuPercent is >= 10 and <= 100_000, "cpu_percent", CpuPercent, "must be from 10 to 100,000");
        Check(LogBytes is >= 1024 and <= 64 << 20, "log_bytes", LogBytes, "must be from 1,024 to 67,108,864");
        return this;
    }

    static void Check(bool holds, string setting, object? value, string allowed)
    {
        if (!holds)
            throw new InvalidOperationException($"The setting {setting} of [jobs.functions] is \"{value}\" and {allowed}.");
    }
}
