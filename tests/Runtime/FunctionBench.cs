using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Runtime;

/// <summary>An executor's functions over stores in memory: real processes, real sandboxes, real frames.</summary>
public sealed class FunctionBench : IAsyncDisposable
{
    public const string Org = "acme";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("functions-under-test-");
    readonly ConcurrentDictionary<(RunId, int), TaskCompletionSource<object>> outcomes = new();
    readonly ConcurrentDictionary<string, RunnableVersion> functions = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource<SandboxedProcess>> ahead = new();
    readonly InMemoryAttemptStore store = new();
    readonly LogLines lines = new();
    readonly IdSource ids = new(TimeProvider.System);
    readonly GroupLoop<AttemptItem> loop;
    readonly AttemptInbox inbox;
    readonly LogWriter logs;

    FunctionBench(RuntimeOptions options, Sandbox sandbox, TimeProvider time)
    {
        Sandbox = sandbox;
        var journals = new KnownJournals();
        var engine = new AttemptEngine(store, new Outbox(Published, NullLogger.Instance), journals, TimeProvider.System, ids, Bench.Here);
        loop = new(200, engine.Process, TimeProvider.System, NullLogger.Instance);
        logs = new(lines, new LogFeed(), TimeProvider.System, NullLogger.Instance);
        inbox = new(loop.Post, TimeProvider.System);
        Dispatcher = new(inbox, journals, TimeProvider.System);
        Runners = new(options, sandbox, new FunctionRuntimes(options, sandbox), time, NullLogger.Instance);
        Runners.StartedAhead += (runtime, process) => AheadOf(runtime).TrySetResult(process);
        Host = new(options, Runners, Resolve, Dispatcher, logs, inbox.Post,
            (_, ask) => Task.FromResult(ServerFrame.Reply(ask.Id, RawJson.Null)), time, NullLogger.Instance);
    }

    TaskCompletionSource<SandboxedProcess> AheadOf(string runtime) => ahead.GetOrAdd(runtime, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>The first process of this runtime that is started ahead.</summary>
    public Task<SandboxedProcess> Ahead(string runtime) => AheadOf(runtime).Task.WaitAsync(Patience);

    public Sandbox Sandbox { get; }
    public Dispatcher Dispatcher { get; }
    public Runners Runners { get; }
    public FunctionHost Host { get; }

    /// <summary>What resolving a version throws, where it does.</summary>
    public Exception? Unresolvable { get; set; }

    public static async Task<FunctionBench> Open(Func<RuntimeOptions, RuntimeOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new RuntimeOptions();
        options = configure?.Invoke(options) ?? options;
        return new(options, await Sandbox.Open(options, TimeProvider.System, NullLogger.Instance), time ?? TimeProvider.System);
    }

    /// <summary>Puts a function on disk, ready to run under its name.</summary>
    public RunnableVersion Function(string code, string runtime = "bun", bool network = false, string? name = null, IReadOnlyDictionary<string, string>? env = null)
    {
        name ??= "f" + functions.Count;
        var at = folder.CreateSubdirectory(name);
        Directory.CreateDirectory(at.FullName);
        foreach (var open in new[] { folder, at })
            Sandbox.SetMode(open.FullName, open.UnixFileMode | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.WriteAllText(Path.Combine(at.FullName, "index.js"), code);
        File.WriteAllText(Path.Combine(at.FullName, "package.json"), """{"type":"module"}""");
        var version = functions[name] = new(Org, name, 1, runtime, at.FullName, "index.js", network, env ?? new Dictionary<string, string>());
        Dispatcher.Join(Host, Org, functions.Keys);
        return version;
    }

    Task<RunnableVersion> Resolve(LiveAttempt attempt) =>
        Unresolvable is { } problem ? Task.FromException<RunnableVersion>(problem) : Task.FromResult(functions[attempt.Command.Handler]);

    public ExecuteRun Send(RunnableVersion function, string payload = "{}", long timeoutMs = 60_000, ExecuteRun? again = null)
    {
        var run = again is not null
            ? again with { Epoch = again.Epoch + 1 }
            : new ExecuteRun(Org, ids.NewRun(), 1, 1, 3, "job", function.Name, RawJson.Trusted(payload), RunTrigger.Manual, timeoutMs, TimeProvider.System.GetUtcNow());
        outcomes.TryAdd((run.RunId, run.Epoch), new(TaskCreationOptions.RunContinuationsAsynchronously));
        Dispatcher.Receive(run);
        return run;
    }

    public Task<object> Outcome(ExecuteRun run) => outcomes[(run.RunId, run.Epoch)].Task.WaitAsync(Patience);

    public async Task<AttemptFinished> Finished(ExecuteRun run) => (AttemptFinished)await Outcome(run);

    public Task<AttemptFinished> Run(RunnableVersion function, string payload = "{}", long timeoutMs = 60_000) => Finished(Send(function, payload, timeoutMs));

    /// <summary>What a run that has to complete gives.</summary>
    public async Task<string> Result(RunnableVersion function, string payload = "{}", long timeoutMs = 60_000)
    {
        var finished = await Run(function, payload, timeoutMs);
        Assert.True(finished.Outcome == AttemptOutcomes.Completed, $"{finished.Outcome}: {finished.Error}");
        return finished.Result.ToString();
    }

    public Task<LogEntry> Logged(ExecuteRun run, Func<LogEntry, bool> when) => lines.Wait(x => x.Run == run.RunId && when(x)).WaitAsync(Patience);

    public IReadOnlyList<LogEntry> LinesOf(ExecuteRun run) => [.. lines.All.Where(x => x.Run == run.RunId)];

    /// <summary>Messages that left with a commit, besides outcomes.</summary>
    public ConcurrentQueue<OutboxMessage> Others { get; } = [];

    Task Published(OutboxMessage message)
    {
        switch (Bench.TypeOf(message))
        {
            case nameof(AttemptFinished):
                var finished = Bench.Body<AttemptFinished>(message);
                outcomes[(finished.RunId, finished.Epoch)].TrySetResult(finished);
                break;
            case nameof(AttemptSuspended):
                var suspended = Bench.Body<AttemptSuspended>(message);
                outcomes[(suspended.RunId, suspended.Epoch)].TrySetResult(suspended);
                break;
            default:
                Others.Enqueue(message);
                break;
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Runners.DisposeAsync();
        await logs.DisposeAsync();
        await loop.DisposeAsync();
        Dispatcher.Dispose();
        inbox.Dispose();
        Sandbox.Dispose();
        folder.Delete(recursive: true);
    }

    sealed class LogLines : ILogStore
    {
        readonly Lock gate = new();
        readonly List<LogEntry> all = [];
        readonly List<(Func<LogEntry, bool> When, TaskCompletionSource<LogEntry> Found)> waiting = [];

        public IReadOnlyList<LogEntry> All
        {
            get
            {
                lock (gate)
                    return [.. all];
            }
        }

        public Task<LogEntry> Wait(Func<LogEntry, bool> when)
        {
            lock (gate)
            {
                var found = new TaskCompletionSource<LogEntry>(TaskCreationOptions.RunContinuationsAsynchronously);
                if (all.FirstOrDefault(when) is { } there)
                    found.SetResult(there);
                else
                    waiting.Add((when, found));
                return found.Task;
            }
        }

        public Task<IReadOnlyList<LogEntry>> Append(IReadOnlyList<LogEntry> entries)
        {
            lock (gate)
            {
                all.AddRange(entries);
                foreach (var (when, found) in waiting)
                    if (entries.FirstOrDefault(when) is { } one)
                        found.TrySetResult(one);
            }

            return Task.FromResult(entries);
        }

        public Task<Dictionary<RunKey, long>> Count(IReadOnlyCollection<RunKey> runs) =>
            Task.FromResult(runs.ToDictionary(x => x, _ => 0L));
    }
}
