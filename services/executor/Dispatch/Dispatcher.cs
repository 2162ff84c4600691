using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Dispatch;

/// <summary>
/// Brings runs to slots. It knows every attempt of this instance in memory; what it decides becomes true when the engine has committed it.
/// The lock is held for a few dictionary operations only: posting an item and talking to a host never wait.
/// </summary>
public sealed partial class Dispatcher : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<RunKey, LiveAttempt> live = [];
    readonly Dictionary<PoolKey, HandlerPool> pools = [];
    readonly Dictionary<AttemptHost, (string OrgId, string[] Handlers)> hosts = [];
    readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly AttemptInbox inbox;
    readonly TimeProvider time;
    readonly UncontestedAttempts uncontested;
    readonly Deadlines<LiveAttempt> deadlines;
    readonly Deadlines<Action> again;
    long arrivals;
    bool stopping;

    public Dispatcher(AttemptInbox inbox, KnownJournals journals, TimeProvider time)
    {
        (this.inbox, this.time) = (inbox, time);
        uncontested = new(journals, time);
        deadlines = new(time, Expire);
        again = new(time, static post => post());
    }

    /// <summary>Slots have come or gone.</summary>
    public event Action? PoolsChanged;

    /// <summary>The end of an attempt of this instance is committed. Whoever hears it may not wait.</summary>
    public event Action<LiveAttempt, Ending>? Ended;

    public TimeSpan Uptime => uncontested.Uptime;

    public int Live
    {
        get
        {
            lock (gate)
                return live.Count;
        }
    }

    public IReadOnlyList<SlotPool> Pools()
    {
        lock (gate)
            return SlotPools.Of(hosts.Where(x => !x.Key.Closed).Select(x => (x.Value.OrgId, x.Value.Handlers, x.Key.Slots)));
    }

    /// <summary>The host takes attempts for these handlers from now on, and for no other ones; those that it has go on.</summary>
    public void Join(AttemptHost host, string orgId, IEnumerable<string> handlers)
    {
        lock (gate)
        {
            hosts[host] = (orgId, [.. handlers.Distinct().Order(StringComparer.Ordinal)]);
            var keys = hosts[host].Handlers.Select(handler => new PoolKey(orgId, handler)).ToArray();
            foreach (var pool in host.Pools.Where(pool => !keys.Contains(pool.Key)).ToArray())
                Close(pool, host);
            foreach (var key in keys.Except(host.Pools.Select(pool => pool.Key)).ToArray())
            {
                if (!pools.TryGetValue(key, out var pool))
                    pools[key] = pool = new(key);
                pool.Hosts.Add(host);
                host.Pools.Add(pool);
            }

            Fill(host);
        }

        PoolsChanged?.Invoke();
    }

    /// <summary>The host takes no more attempts and ends those that it has.</summary>
    public void Drain(AttemptHost host)
    {
        lock (gate)
            Close(host);
        PoolsChanged?.Invoke();
    }

    /// <summary>The host is gone, and its attempts are lost.</summary>
    public void Leave(AttemptHost host)
    {
        lock (gate)
        {
            Close(host);
            hosts.Remove(host);
            foreach (var attempt in host.Attempts.ToArray())
                if (attempt.Phase == AttemptPhase.Running)
                    EndOwn(attempt, Ending.Lost);
        }

        PoolsChanged?.Invoke();
    }

    public void Receive(ExecuteRun command)
    {
        lock (gate)
        {
            var attempt = new LiveAttempt(command, ++arrivals) { Known = uncontested.JournalOf(command) };
            if (live.TryGetValue(attempt.Key, out var known))
            {
                if (known.Epoch >= command.Epoch)
                    return;
                Drop(known, AbortReasons.Superseded);
            }

            live[attempt.Key] = attempt;
            if (stopping || !pools.TryGetValue(PoolKey.Of(command), out var pool))
                HandBack(attempt);
            else if (pool.LeastLoaded() is { } host)
                Claim(attempt, host);
            else
                pool.Enqueue(attempt);
        }
    }

    public void Cancel(CancelAttempt command)
    {
        lock (gate)
        {
            if (live.TryGetValue(new(command.OrgId, command.RunId), out var attempt) && attempt.Epoch <= command.Epoch)
                Drop(attempt, command.Reason is AbortReasons.Superseded or AbortReasons.Timeout or AbortReasons.Lost ? command.Reason : AbortReasons.Cancelled);
            PostUntilDone(done => new CancelItem(command, done));
        }
    }

    /// <summary>The attempt where it runs on this host and may write.</summary>
    public LiveAttempt? Running(RunKey key, int epoch, AttemptHost? host = null)
    {
        lock (gate)
            return live.TryGetValue(key, out var attempt) && attempt.Epoch == epoch && attempt.Phase == AttemptPhase.Running && (host is null || attempt.Host == host)
                ? attempt
                : null;
    }

    /// <summary>The attempt where it is this host's, also while its end is being committed: log lines may come after the end.</summary>
    public LiveAttempt? Known(RunKey key, int epoch, AttemptHost host)
    {
        lock (gate)
            return live.TryGetValue(key, out var attempt) && attempt.Epoch == epoch && attempt.Host == host ? attempt : null;
    }

    /// <summary>The handler ended its attempt. The slot is free at once; the attempt runs on when the store refuses the end.</summary>
    public bool End(LiveAttempt attempt, Ending ending, long frameId, Action<AttemptItem, Exception?> answer)
    {
        lock (gate)
        {
            if (attempt.Phase != AttemptPhase.Running)
                return false;
            Stopped(attempt, AttemptPhase.Ending);
            inbox.Post(new EndItem(attempt.Key, attempt.Epoch, ending, (item, failure) =>
            {
                Committed(attempt, (EndItem)item, failure);
                answer(item, failure);
            })
            { FrameId = frameId });
            return true;
        }
    }

    /// <summary>The store refused a write of the attempt because a newer one exists.</summary>
    public void Fenced(RunKey key, int epoch)
    {
        lock (gate)
            if (live.TryGetValue(key, out var attempt) && attempt.Epoch == epoch)
                Drop(attempt, AbortReasons.Superseded);
    }

    /// <summary>Hands every attempt back; completes when the store knows.</summary>
    public Task Stop()
    {
        lock (gate)
        {
            stopping = true;
            foreach (var attempt in live.Values.ToArray())
                if (attempt.Phase == AttemptPhase.Waiting)
                    HandBack(attempt);
                else if (attempt.Phase == AttemptPhase.Running)
                {
                    attempt.Host!.Abort(attempt, AbortReasons.Lost);
                    EndOwn(attempt, Ending.Released);
                }

            if (live.Count == 0)
                stopped.TrySetResult();
            return stopped.Task;
        }
    }

    public void Dispose()
    {
        deadlines.Dispose();
        again.Dispose();
    }
}
