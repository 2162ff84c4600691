using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ReactorJobs.Executor.Runtime;

/// <summary>A program that runs in a sandbox, until <see cref="Exited"/>.</summary>
public sealed class SandboxedProcess
{
    static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(20);
    const int RemovalTries = 100;

    readonly Process process;
    readonly Cgroup cgroup;
    readonly TimeProvider time;
    readonly ILogger logger;
    volatile bool tooLarge;

    internal SandboxedProcess(Process process, Cgroup cgroup, TimeProvider time, ILogger logger, Action over)
    {
        (this.process, this.cgroup, this.time, this.logger) = (process, cgroup, time, logger);
        Id = process.Id;
        Exited = Exit(over);
    }

    /// <summary>Of the outermost process of the sandbox.</summary>
    public int Id { get; }

    public Stream Output => process.StandardOutput.BaseStream;
    public Stream Error => process.StandardError.BaseStream;

    /// <summary>Completes when nothing of it is left.</summary>
    public Task<SandboxExit> Exited { get; }

    /// <summary>Ends it and all that it has started, at once.</summary>
    public void Kill()
    {
        if (Exited.IsCompleted)
            return;
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }

        cgroup.KillAll();
    }

    internal void KillForMemory()
    {
        tooLarge = true;
        Kill();
    }

    async Task<SandboxExit> Exit(Action over)
    {
        await process.WaitForExitAsync();
        var exit = new SandboxExit(process.ExitCode, tooLarge || cgroup.RanOutOfMemory());
        // What has fled from the process tree is still in its control group.
        for (var tries = 0; !cgroup.Remove(); tries++)
        {
            if (tries == RemovalTries)
            {
                logger.LogWarning("A control group of process {Process} could not be removed.", Id);
                break;
            }

            cgroup.KillAll();
            await Task.Delay(RemovalPause, time);
        }

        over();
        return exit;
    }
}
