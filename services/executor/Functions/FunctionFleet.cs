using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Recovery;
using ReactorJobs.Executor.Runtime;

namespace ReactorJobs.Executor.Functions;

/// <summary>
/// The live functions of all orgs as hosts of the dispatcher, one per org: what is promoted here or elsewhere takes runs within a second.
/// </summary>
public sealed class FunctionFleet(
    RuntimeOptions options, FunctionService functions, FunctionLoader loader, ExecutorService executor, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
    static readonly SandboxLimits BuildLimits = new(1L << 30, 256, 1024, 256L << 20, 400);

    readonly ILogger logger = loggers.CreateLogger("Functions");
    readonly SemaphoreSlim one = new(1, 1);
    readonly CancellationTokenSource stopping = new();
    /// <summary>Changed by one look at a time; requests read it meanwhile.</summary>
    readonly ConcurrentDictionary<string, (FunctionHost Host, string[] Functions)> orgs = new(StringComparer.Ordinal);
    Sandbox sandbox = null!;
    FunctionRuntimes runtimes = null!;
    Runners runners = null!;
    Task looking = Task.CompletedTask;
    bool disposed;

    /// <summary>What holds functions back here; null before the start.</summary>
    public Containment? Containment => sandbox?.InForce;

    /// <exception cref="InvalidOperationException">Functions have to be contained, and cannot be.</exception>
    public async Task Start(CancellationToken stop)
    {
        sandbox = await Sandbox.Open(options, time, logger);
        runtimes = new(options, sandbox);
        runners = new(options, sandbox, runtimes, time, logger);
        executor.Dispatcher.Ended += Unpin;
        await Look(stop);
        looking = Recurring.Run("The look for promoted functions", LookEvery, Look, time, logger, stopping.Token);
    }

    /// <summary>Serves what is live now. Whoever promotes need not wait for the next look.</summary>
    public async Task Look(CancellationToken stop)
    {
        await one.WaitAsync(stop);
        try
        {
            var live = (await functions.Registry.Live(stop)).SelectMany(x => x.Handlers, (x, handler) => (x.OrgId, Handler: handler)).ToLookup(x => x.OrgId, x => x.Handler);
            foreach (var org in orgs.Keys.Union(live.Select(x => x.Key)).ToArray())
            {
                var names = live[org].Order(StringComparer.Ordinal).ToArray();
                if (orgs.TryGetValue(org, out var known) && known.Functions.SequenceEqual(names))
                    continue;
                var host = known.Host ?? new FunctionHost(options, runners, loader.OfRun, executor.Dispatcher, executor.Logs, executor.Post, executor.Answer, time, logger);
                orgs[org] = (host, names);
                executor.Dispatcher.Join(host, org, names);
            }

            loader.Sweep();
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Answers a plain request by the function's live version.</summary>
    public async Task<FunctionAnswer> Invoke(string org, string name, FunctionRequest request, CancellationToken stop)
    {
        var version = await loader.Live(org, name, stop);
        if (!orgs.TryGetValue(org, out var known))
            await Look(stop);
        return orgs.TryGetValue(org, out known)
            ? await known.Host.Invoke(version, request, stop)
            : throw FunctionRegistry.NotFound(name);
    }

    /// <summary>Runs the bundler on a folder that it may write to, and on nothing else.</summary>
    public async Task<BuildResult> Build(BuildCommand command, CancellationToken stop)
    {
        var bun = await runtimes.Get("bun");
        // The bundler has a uid of its own, and writes beside the entry.
        if (!OperatingSystem.IsWindows())
            foreach (var folder in Directory.EnumerateDirectories(command.Folder, "*", SearchOption.AllDirectories))
                File.SetUnixFileMode(folder, Everybody);
        // Code finds the SDK above where it is, which a link would hide.
        string[] flags = command.RunsCode && sandbox.InForce.Kind == Containment.None ? ["--preserve-symlinks", "--preserve-symlinks-main"] : [];
        var arguments = command.RunsCode ? command.Arguments.Select(x => x.StartsWith("./", StringComparison.Ordinal) ? "/srv/work" + x[1..] : x) : command.Arguments;
        var sdk = command.RunsCode ? runtimes.SdkMounts() : [];
        var result = await sandbox.Run(
            new(["/srv/bin/bun", .. flags, .. arguments], [new(bun.Path, "/srv/bin/bun"), new(command.Folder, "/srv/work", Writable: true), .. sdk], BuildLimits, "/srv/work"),
            command.TimeLimit);
        return new(result.OutOfMemory ? 137 : result.Code, result.Output + result.Error, result.TimedOut);
    }

    /// <summary>A run that surely ended needs its version no longer; what this misses goes with the run.</summary>
    void Unpin(LiveAttempt attempt, Ending ending)
    {
        if (attempt.Host is FunctionHost && IsFinal(ending, attempt.Command))
            _ = functions.Pins.Unpin(attempt.Key.OrgId, attempt.Key.Run);
    }

    static bool IsFinal(Ending ending, ExecuteRun run) => ending.Outcome switch
    {
        AttemptOutcomes.Completed or AttemptOutcomes.Cancelled => true,
        AttemptOutcomes.Failed or AttemptOutcomes.TimedOut => ending.Fatal || run.Attempt >= run.MaxAttempts,
        _ => false,
    };

    /// <summary>Ends every process; their attempts were handed back before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
            return;
        disposed = true;
        await stopping.CancelAsync();
        await looking;
        executor.Dispatcher.Ended -= Unpin;
        await Task.WhenAll(orgs.Values.Select(x => x.Host.DisposeAsync().AsTask()));
        if (runners is not null)
            await runners.DisposeAsync();
        loader.Dispose();
        sandbox?.Dispose();
        stopping.Dispose();
    }
}
