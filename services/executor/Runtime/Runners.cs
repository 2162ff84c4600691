using Microsoft.Extensions.Logging;

namespace ReactorJobs.Executor.Runtime;

/// <summary>A runner in its sandbox; what it says waits in its line.</summary>
/// <param name="Folder">Where it finds its function.</param>
sealed record StartedRunner(SandboxedProcess Process, RunnerLine Line, string Folder)
{
    public void End()
    {
        Line.Dispose();
        Process.Kill();
    }
}

/// <summary>
/// Starts runners, and keeps one of each runtime ahead that was needed before: the sandbox and the runtime are the most of a cold start, and
/// need no function. One that is ahead has seen no org, no code and no environment. It is given to one version, once, and is that version's.
/// </summary>
public sealed class Runners(RuntimeOptions options, Sandbox sandbox, FunctionRuntimes runtimes, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // One file: a start reads no other.
    const string Runner = "/srv/node_modules/@reactor/functions-runner/dist/runner.bundle.js";
    const string Function = "/srv/function";
    const string Sockets = "/srv/socket";

    /// <summary>The function that has just begun goes first.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>For one that is ahead to connect: whoever is to get it waits for it meanwhile.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    readonly Dictionary<string, Task<Spare?>> ahead = [];
    readonly CancellationTokenSource stopping = new();

    internal Sandbox Sandbox => sandbox;

    /// <summary>A process of a runtime is ahead, and up.</summary>
    internal event Action<string, SandboxedProcess>? StartedAhead;

    /// <summary>A runner that has the version's files in its folder.</summary>
    /// <exception cref="FunctionFailure">The runtime is not installed.</exception>
    internal async Task<StartedRunner> Start(RunnableVersion version) =>
        await Adopt(version) ?? await Open(await runtimes.Get(version.Runtime), sandbox.NewFolder(), version.Folder, version.Network);

    async Task<StartedRunner?> Adopt(RunnableVersion version)
    {
        // Whether there is a network was decided when it was started.
        if (!version.Network)
            return null;
        Task<Spare?>? starting;
        lock (gate)
            if (!ahead.Remove(version.Runtime, out starting))
                return null;
        if (await starting is not { } spare)
            return null;
        if (!spare.Runner.Process.Exited.IsCompleted && FolderLinks.TryMake(version.Folder, spare.Files))
            return spare.Runner;
        spare.Runner.End();
        return null;
    }

    /// <summary>A process of this runtime has begun with its work: there will be time to start another one.</summary>
    internal async Task KeepAhead(string runtime)
    {
        try
        {
            await Task.Delay(Pause, time, stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lock (gate)
            if (!stopping.IsCancellationRequested && !ahead.ContainsKey(runtime))
                ahead[runtime] = Task.Run(() => OpenAhead(runtime));
    }

    async Task<Spare?> OpenAhead(string runtime)
    {
        try
        {
            var folder = sandbox.NewFolder();
            var files = Directory.CreateDirectory(Path.Combine(folder, "function")).FullName;
            FolderLinks.Open(files);
            var runner = await Open(await runtimes.Get(runtime), folder, files, network: true);
            var connected = runner.Line.Accept(stopping.Token);
            if (await Task.WhenAny(connected, runner.Process.Exited, Task.Delay(Patience, time, stopping.Token)) != connected || !connected.IsCompletedSuccessfully)
            {
                runner.End();
                return null;
            }

            StartedAhead?.Invoke(runtime, runner.Process);
            return new(runner, files);
        }
        catch (Exception exception)
        {
            logger.LogWarning(exception, "No process of {Runtime} could be started ahead.", runtime);
            return null;
        }
    }

    async Task<StartedRunner> Open(FunctionRuntime runtime, string folder, string files, bool network)
    {
        var sockets = Directory.CreateDirectory(Path.Combine(folder, "socket")).FullName;
        var line = new RunnerLine(Path.Combine(sockets, "s"), time);
        try
        {
            string program = "/srv/bin/" + runtime.Name;
            string[] flags = runtime.Name == "bun" ? ["--no-install"] : ["--no-warnings"];
            if (sandbox.InForce.Kind == Containment.None)
                flags = [.. flags, "--preserve-symlinks", "--preserve-symlinks-main"];
            // It goes to the function's folder when it gets it: before, it would only learn that nothing is there.
            var command = new SandboxCommand(
                [program, .. flags, Runner, Sockets + "/s"], [new(runtime.Path, program), new(files, Function), new(sockets, Sockets), .. runtimes.SdkMounts()],
                options.Limits, Sockets, network);
            return new(await sandbox.Start(command, folder), line, sandbox.Inside(Function, command, folder));
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }

    /// <summary>Ends what was started ahead; completes when it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<Spare?>[] left;
        lock (gate)
        {
            if (stopping.IsCancellationRequested)
                return;
            stopping.Cancel();
            left = [.. ahead.Values];
            ahead.Clear();
        }

        foreach (var spare in await Task.WhenAll(left))
            if (spare is not null)
            {
                spare.Runner.End();
                await spare.Runner.Process.Exited;
            }
    }

    /// <param name="Files">The runner's folder of the function, still empty, as the executor sees it.</param>
    sealed record Spare(StartedRunner Runner, string Files);
}
