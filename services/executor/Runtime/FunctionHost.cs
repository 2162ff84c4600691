using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Workers;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Runtime;

/// <summary>Runs attempts whose handler is a deployed function, in processes of its own.</summary>
public sealed class FunctionHost : AttemptHost, IAsyncDisposable
{
    static readonly TimeSpan LongestSweep = TimeSpan.FromSeconds(30);

    readonly Lock gate = new();
    readonly Dictionary<FunctionKey, FunctionPool> pools = [];
    readonly ConcurrentDictionary<LiveAttempt, AttemptWork> works = new();
    readonly FunctionSurroundings around;
    readonly Func<LiveAttempt, Task<RunnableVersion>> resolve;
    readonly Dispatcher dispatcher;
    readonly ITimer sweep;
    volatile bool stopping;

    /// <param name="resolve">The version that an attempt is to run, on disk. A <see cref="FunctionFailure"/> that it throws ends the attempt.</param>
    public FunctionHost(
        RuntimeOptions options, Runners runners, Func<LiveAttempt, Task<RunnableVersion>> resolve, Dispatcher dispatcher, LogWriter logs,
        Action<AttemptItem> post, Func<LiveAttempt, AskFrame, Task<ServerFrame>> asked, TimeProvider time, ILogger logger) : base("functions", options.Validated().WorkerCount)
    {
        (this.resolve, this.dispatcher) = (resolve, dispatcher);
        around = new(options, runners, this, dispatcher, logs, post, asked, time, logger);
        var every = options.Idle / 4 < LongestSweep ? options.Idle / 4 : LongestSweep;
        sweep = time.CreateTimer(_ => Sweep(), null, every, every);
    }

    /// <summary>What holds functions back here.</summary>
    public Containment Containment => around.Runners.Sandbox.InForce;

    /// <summary>How many processes there are.</summary>
    public int Processes
    {
        get
        {
            lock (gate)
                return pools.Values.Sum(x => x.Processes);
        }
    }

    public override void Start(LiveAttempt attempt)
    {
        var work = works[attempt] = new(attempt, End, around.Options.LogBytes);
        _ = Task.Run(() => Begin(work));
    }

    public override void Abort(LiveAttempt attempt, string reason)
    {
        if (!works.TryRemove(attempt, out var work))
            return;
        if (work.Abort() is { } process)
            _ = Task.Run(() => process.Abort(work, reason)); // not here: the dispatcher holds its lock
    }

    internal void Forget(LiveAttempt attempt) => works.TryRemove(attempt, out _);

    async Task Begin(AttemptWork work)
    {
        try
        {
            var version = await resolve(work.Attempt);
            Add(work, version);
        }
        catch (FunctionFailure failure)
        {
            End(work.Attempt, failure.Ending);
        }
        catch (Exception exception) when (IsDatabase(exception) && StoreUnavailable.IsCauseOf(exception))
        {
            // The database is away, which is not to cost the run one of its attempts; it is also what this end waits for.
            End(work.Attempt, Ending.Released);
        }
        catch (Exception exception)
        {
            around.Logger.LogWarning(exception, "The function of run {Run} could not be made ready.", work.Attempt.Key.Run);
            End(work.Attempt, new(AttemptOutcomes.Failed, Error: new("FunctionError", $"The function could not be made ready: {exception.Message}", "function_not_ready")));
        }
    }

    static bool IsDatabase(Exception exception) => exception is StoreUnavailable or NpgsqlException || (exception.InnerException is { } inner && IsDatabase(inner));

    /// <summary>Answers a plain request; the caller's token bounds it.</summary>
    /// <exception cref="FunctionFailure">The function threw, or could not be run.</exception>
    public async Task<FunctionAnswer> Invoke(RunnableVersion version, FunctionRequest request, CancellationToken stop)
    {
        var work = new RequestWork(request);
        Add(work, version);
        try
        {
            return await work.Answer.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            work.Abort()?.Abandon(work);
            throw;
        }
    }

    void Add(FunctionWork work, RunnableVersion version)
    {
        lock (gate)
        {
            if (stopping)
                throw new FunctionFailure(new("UnavailableError", "The executor is stopping.", "unavailable"));
            if (!pools.TryGetValue(version.Key, out var pool))
                pools[version.Key] = pool = new(around);
            pool.Add(work, version);
        }
    }

    void Sweep()
    {
        lock (gate)
        {
            var since = around.Time.GetUtcNow() - around.Options.Idle;
            foreach (var (key, pool) in pools.ToArray())
            {
                pool.Sweep(since);
                if (pool.IsEmpty)
                    pools.Remove(key);
            }
        }
    }

    /// <summary>An end that nobody else may report; one that the store cannot take now is offered again.</summary>
    void End(LiveAttempt attempt, Ending ending)
    {
        works.TryRemove(attempt, out _);
        dispatcher.End(attempt, ending, 0, (_, failure) =>
        {
            if (failure is StoreUnavailable)
                End(attempt, ending);
        });
    }

    /// <summary>Ends every process; their attempts have been handed back before.</summary>
    public async ValueTask DisposeAsync()
    {
        FunctionPool[] all;
        lock (gate)
        {
            stopping = true;
            all = [.. pools.Values];
        }

        await sweep.DisposeAsync();
        await Task.WhenAll(all.Select(x => x.Stop()));
    }
}
