using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>
/// One process of one version of a function. Its owner is the pool, which is told when work is over and when the process is; the lock is
/// never held while the pool is called.
/// </summary>
sealed partial class FunctionProcess
{
    static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    readonly Lock gate = new();
    readonly Dictionary<(RunKey, int), AttemptWork> attempts = [];
    readonly Dictionary<long, RequestWork> requests = [];
    readonly Dictionary<object, ITimer> overdue = [];
    readonly RunnableVersion version;
    readonly FunctionSurroundings around;
    readonly FunctionPool pool;
    readonly AttemptFrames frames;
    readonly ProcessOutput output;
    readonly CancellationTokenSource over = new();
    RunnerLine? line;
    SandboxedProcess? process;
    string? folder;
    List<FunctionWork>? early = [];
    long lastRequest;
    long pings;
    long pongs;
    bool served;
    bool draining;
    bool expected;
    string? killed;
    ITimer? ending;

    public FunctionProcess(RunnableVersion version, FunctionSurroundings around, FunctionPool pool)
    {
        (this.version, this.around, this.pool) = (version, around, pool);
        frames = new(around.Host, around.Dispatcher, Log, around.Post, frame => line?.Send(frame)) { Owns = Owns, Ended = Ended, Asked = around.Asked };
        output = new(Unattributed);
        IdleSince = around.Time.GetUtcNow();
    }

    public int Busy
    {
        get
        {
            lock (gate)
                return attempts.Count + requests.Count;
        }
    }

    public bool TakesWork
    {
        get
        {
            lock (gate)
                return !draining;
        }
    }

    /// <summary>When it last had work.</summary>
    public DateTimeOffset IdleSince { get; private set; }

    /// <summary>Gives it work, which waits until the process is ready; false when it takes none any more.</summary>
    public bool TryBegin(FunctionWork work)
    {
        lock (gate)
        {
            if (draining)
                return false;
            if (!work.TryEnter(this))
                return true;
            if (work is AttemptWork attempt)
                attempts[KeyOf(attempt.Attempt)] = attempt;
            else if (work is RequestWork request)
                requests[++lastRequest] = request;
            if (early is not null)
                early.Add(work);
            else
                Send(work);
            return true;
        }
    }

    void Send(FunctionWork work)
    {
        if (work is AttemptWork attempt)
        {
            Write(attempt, output.TakeWaiting());
            line!.Send(ServerFrame.Run(attempt.Attempt));
        }
        else if (work is RequestWork request)
            line!.Send(RunnerFrames.Invoke(requests.First(x => x.Value == request).Key, request.Request));
    }

    /// <summary>Takes no more work, and ends when it has none; <see cref="Run"/> completes then.</summary>
    public void Drain()
    {
        bool idle;
        lock (gate)
        {
            draining = true;
            idle = attempts.Count + requests.Count == 0;
            expected |= idle;
        }

        if (idle)
            EndIdle();
    }

    /// <summary>Whether it has had nothing to do since then, and is told to end.</summary>
    public bool EndIfIdle(DateTimeOffset since)
    {
        lock (gate)
        {
            if (draining || served is false || attempts.Count + requests.Count + overdue.Count > 0 || IdleSince > since)
                return false;
            draining = expected = true;
        }

        EndIdle();
        return true;
    }

    void EndIdle()
    {
        if (killed is not null || process is null || !served)
        {
            Kill();
            return;
        }

        // The runner ends itself when its line does.
        line?.Finish();
        lock (gate)
            ending ??= around.Time.CreateTimer(_ => Kill(), null, AbortPatience, Timeout.InfiniteTimeSpan);
    }

    public void Kill()
    {
        CancelQuietly();
        process?.Kill();
    }

    void Done(Action remove)
    {
        bool last;
        lock (gate)
        {
            remove();
            last = attempts.Count + requests.Count == 0;
            IdleSince = around.Time.GetUtcNow();
            expected |= last && draining;
        }

        if (last && draining)
            EndIdle();
        pool.Freed();
    }

    bool Owns(LiveAttempt attempt)
    {
        lock (gate)
            return attempts.ContainsKey(KeyOf(attempt));
    }

    void Ended(RunKey run, int epoch, bool taken)
    {
        if (taken)
            pool.Worked();
        Done(() =>
        {
            if (attempts.Remove((run, epoch), out var work))
                around.Host.Forget(work.Attempt);
        });
    }

    void Log(LiveAttempt attempt, IReadOnlyList<LogLine> lines)
    {
        lock (gate)
            if (attempts.TryGetValue(KeyOf(attempt), out var work))
                Write(work, lines);
    }

    /// <summary>Lines that no attempt has written as its own go to the youngest.</summary>
    bool Unattributed(IReadOnlyList<LogLine> lines)
    {
        lock (gate)
        {
            var youngest = early is null ? attempts.Values.MaxBy(x => x.Attempt.Arrival) : null;
            if (youngest is not null)
                Write(youngest, lines);
            return youngest is not null;
        }
    }

    void Write(AttemptWork work, IReadOnlyList<LogLine> lines) => around.Logs.Write(work.Attempt, work.Allowance.Admit(lines));

    static (RunKey, int) KeyOf(LiveAttempt attempt) => (attempt.Key, attempt.Epoch);
}
