using System.Diagnostics;

namespace ReactorJobs.Embedded.Suite;

/// <param name="Name">Such as <c>scheduler-2</c>.</param>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Environment">The settings of the one process, over those of this one.</param>
/// <param name="Log">The file that its output goes to.</param>
sealed record ServiceStart(string Name, IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment, string Log);

/// <summary>Keeps one process of a service running: one that ends is started again, as Kubernetes would.</summary>
sealed class ServiceKeeper : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    readonly ServiceStart start;
    readonly ProcessList list;
    readonly TimeProvider time;
    readonly IProgress<string> progress;
    readonly CancellationTokenSource stopping = new();
    readonly FileStream log;
    readonly Task keeping;
    Process process;
    volatile int pid;

    public ServiceKeeper(ServiceStart start, ProcessList list, TimeProvider time, IProgress<string> progress)
    {
        (this.start, this.list, this.time, this.progress) = (start, list, time, progress);
        log = new(start.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        process = Begin();
        keeping = Keep();
    }

    public string Name => start.Name;

    /// <summary>Of the process that runs now, or of the one that ended last.</summary>
    public int Pid => pid;

    /// <summary>Starts a service of these programs.</summary>
    /// <param name="name">As in the list of processes.</param>
    public static IReadOnlyList<string> CommandOf(string name, string programs) => ["dotnet", Path.Combine(programs, ProgramOf(name)!)];

    /// <summary>The program of an entry of the list; null where it is no service.</summary>
    public static string? ProgramOf(string name) => name[..Math.Max(0, name.IndexOf('-'))] switch
    {
        "ingress" => "ReactorJobs.Ingress.dll",
        "scheduler" => "ReactorJobs.Scheduler.dll",
        "executor" => "ReactorJobs.Executor.dll",
        "events" => "ReactorJobs.Events.dll",
        _ => null,
    };

    Process Begin()
    {
        var info = new ProcessStartInfo(start.Command[0], start.Command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        var begun = Process.Start(info)!;
        begun.OutputDataReceived += (_, line) => Log(line.Data);
        begun.ErrorDataReceived += (_, line) => Log(line.Data);
        begun.BeginOutputReadLine();
        begun.BeginErrorReadLine();
        pid = begun.Id;
        list.Set(start.Name, pid);
        return begun;
    }

    async Task Keep()
    {
        while (true)
        {
            await process.WaitForExitAsync(stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
                return;
            progress.Report($"{start.Name} has ended ({process.ExitCode}); starting it again");
            await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
                return;
            process.Dispose();
            process = Begin();
        }
    }

    void Log(string? line)
    {
        if (line is null)
            return;
        lock (log)
        {
            log.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            log.Flush();
        }
    }

    /// <summary>Tells it to stop, and waits; ends it where it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await keeping;
        if (!process.HasExited)
        {
            // Its standard input is what tells it that this process is gone, or wants it to end.
            process.StandardInput.Close();
            try
            {
                await process.WaitForExitAsync(CancellationToken.None).WaitAsync(StopPatience, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }

        process.Dispose();
        await log.DisposeAsync();
        stopping.Dispose();
    }
}
