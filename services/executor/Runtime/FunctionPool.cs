using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Runtime;

/// <summary>The processes of one version of a function, and what waits for them.</summary>
sealed class FunctionPool
{
    readonly FunctionSurroundings around;
    readonly ITimer pause;
    readonly Lock gate = new();
    readonly List<FunctionProcess> processes = [];
    readonly LinkedList<FunctionWork> waiting = [];
    readonly HashSet<Task> lives = [];
    RunnableVersion? version;
    DateTimeOffset notBefore;
    RunError? lastCrash;
    int crashes;
    bool stopping;

    public FunctionPool(FunctionSurroundings around)
    {
        this.around = around;
        pause = around.Time.CreateTimer(_ => Fill(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Processes
    {
        get
        {
            lock (gate)
                return processes.Count;
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (gate)
                return processes.Count == 0 && waiting.Count == 0 && around.Time.GetUtcNow() >= notBefore;
        }
    }

    /// <param name="latest">Processes that start from now on get its environment.</param>
    public void Add(FunctionWork work, RunnableVersion latest)
    {
        lock (gate)
        {
            version = latest;
            waiting.AddLast(work);
        }

        Fill();
    }

    /// <summary>A process has room.</summary>
    public void Freed() => Fill();

    /// <summary>Something was done: the code is able to.</summary>
    public void Worked()
    {
        lock (gate)
            (crashes, lastCrash) = (0, null);
    }

    /// <summary>Gives work to processes, as long as both are there.</summary>
    void Fill()
    {
        List<FunctionWork>? hopeless = null;
        RunError? error = null;
        lock (gate)
        {
            while (waiting.First is { Value: var work })
            {
                if (work.Aborted)
                {
                    waiting.RemoveFirst();
                    continue;
                }

                var process = PoolRules.Choose(processes, around.Options.SlotsPerProcess);
                var now = around.Time.GetUtcNow();
                if (process is null && !stopping && PoolRules.MayStart(processes.Count, around.Options.ProcessLimit, notBefore, now))
                {
                    process = Start();
                    if (work is RequestWork request)
                        request.ColdStart = true;
                }

                if (process is null)
                {
                    if (stopping || (PoolRules.IsHopeless(crashes) && now < notBefore))
                    {
                        (hopeless, error) = ([.. waiting], lastCrash ?? Stopping);
                        waiting.Clear();
                    }
                    else if (now < notBefore)
                        pause.Change(notBefore - now + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                    break;
                }

                if (process.TryBegin(work))
                    waiting.RemoveFirst();
            }
        }

        foreach (var work in hopeless ?? [])
            work.Fail(error!);
    }

    static readonly RunError Stopping = new("UnavailableError", "The executor is stopping.", "unavailable");

    FunctionProcess Start()
    {
        var process = new FunctionProcess(version!, around, this);
        processes.Add(process);
        var life = Task.Run(() => Live(process));
        lives.Add(life);
        _ = life.ContinueWith(x =>
        {
            lock (gate)
                lives.Remove(x);
        }, TaskScheduler.Default);
        return process;
    }

    async Task Live(FunctionProcess process)
    {
        RunError? unable = null;
        IReadOnlyList<FunctionWork> left = [];
        ProcessEnd? end = null;
        try
        {
            (end, left) = await process.Run();
        }
        catch (FunctionFailure failure)
        {
            unable = failure.Error;
        }
        catch (Exception exception)
        {
            around.Logger.LogWarning(exception, "A process of function {Function} could not be started.", version!.Name);
            unable = new("ProcessError", $"The function's process could not be started: {exception.Message}", "process_not_started");
        }

        if (unable is not null)
        {
            lock (gate)
                processes.Remove(process);
            foreach (var work in process.TakeLeft())
                work.Fail(unable);
        }
        else
            Ended(process, end!, left);

        Fill();
    }

    void Ended(FunctionProcess process, ProcessEnd end, IReadOnlyList<FunctionWork> left)
    {
        int count;
        RunError error;
        lock (gate)
        {
            processes.Remove(process);
            if (end.IsCrash)
                Crashed();
            (count, error) = (crashes, PoolRules.Repeated(end.Error, crashes));
            if (end.IsCrash)
                lastCrash = error;
            // What no process has begun with is not lost: it has its place in front of what came later.
            if (!end.Served && !PoolRules.IsHopeless(count))
                foreach (var work in left.Reverse())
                    waiting.AddFirst(work);
        }

        if (!end.Expected)
            around.Logger.LogWarning("Function {Function}, version {Version}: {Error}", version!.Name, version.Version, error.Message);
        if (!end.Served && !PoolRules.IsHopeless(count))
            return;
        foreach (var work in left.Where(x => !x.Aborted))
            if (PoolRules.IsHopeless(count))
                work.Fail(error);
            else
                work.Lose(error);
    }

    void Crashed() => notBefore = around.Time.GetUtcNow() + PoolRules.PauseAfter(++crashes);

    /// <summary>Ends the processes that have had nothing to do since then.</summary>
    public void Sweep(DateTimeOffset since)
    {
        FunctionProcess[] all;
        lock (gate)
            all = [.. processes];
        foreach (var process in all)
            process.EndIfIdle(since);
    }

    /// <summary>Ends every process at once; completes when they are gone.</summary>
    public async Task Stop()
    {
        FunctionProcess[] all;
        Task[] ends;
        lock (gate)
        {
            stopping = true;
            pause.Dispose();
            (all, ends) = ([.. processes], [.. lives]);
        }

        foreach (var process in all)
            process.Drain();
        foreach (var process in all)
            process.Kill();
        await Task.WhenAll(ends);
        Fill();
    }
}
