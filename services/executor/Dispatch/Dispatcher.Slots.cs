using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Dispatch;

/// <summary>The way of an attempt through its phases. Everything here runs under the lock, or takes it first where the engine calls back.</summary>
public sealed partial class Dispatcher
{
    void Claim(LiveAttempt attempt, AttemptHost host)
    {
        attempt.Host = host;
        TakeSlot(attempt);
        if (attempt.Known is { } journal && uncontested.IsRecent(attempt.Command))
        {
            var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            ClaimWithNext(attempt, now, journal);
            Begin(attempt, now, journal);
            return;
        }

        attempt.Phase = AttemptPhase.Claiming;
        inbox.Post(new ClaimItem(attempt.Command, host.Name, (item, failure) => Claimed(attempt, (ClaimItem)item, failure)));
    }

    void Begin(LiveAttempt attempt, DateTimeOffset at, IReadOnlyList<JournalEntry> journal)
    {
        attempt.Journal = journal;
        attempt.ClaimedAt = at;
        attempt.Phase = AttemptPhase.Running;
        deadlines.Add(attempt, attempt.Deadline);
        attempt.Host!.Start(attempt);
    }

    void ClaimWithNext(LiveAttempt attempt, DateTimeOffset at, IReadOnlyList<JournalEntry> journal) =>
        inbox.PostWithNext(new(attempt.Command, attempt.Host!.Name, (item, failure) => Confirmed(attempt, (ClaimItem)item, failure)) { Known = journal, ClaimedAt = at });

    /// <summary>
    /// An attempt began before its claim. Where the claim does not hold, because the run was cancelled, it is over. While the store is away it goes
    /// on: nothing that it does counts before its claim is written, which its next write brings along again.
    /// </summary>
    void Confirmed(LiveAttempt attempt, ClaimItem item, Exception? failure)
    {
        if (failure is null && item.Decision == ClaimDecision.Claimed)
            return;
        lock (gate)
        {
            if (attempt.Phase == AttemptPhase.Gone)
                return;
            if (failure is StoreUnavailable && !stopping)
                ClaimWithNext(attempt, item.ClaimedAt, item.Known!);
            else
                Drop(attempt, AbortReasons.Superseded);
        }
    }

    void Claimed(LiveAttempt attempt, ClaimItem item, Exception? failure)
    {
        lock (gate)
        {
            if (attempt.Phase != AttemptPhase.Claiming)
                return; // cancelled or replaced meanwhile: what did that has also freed the lease
            if (failure is not null || item.Decision != ClaimDecision.Claimed)
            {
                // Without an outcome the scheduler sends the run again.
                Drop(attempt, AbortReasons.Superseded);
                return;
            }

            if (stopping || (attempt.Host!.Closed && !hosts.ContainsKey(attempt.Host)))
            {
                attempt.Phase = AttemptPhase.Running;
                EndOwn(attempt, Ending.Released);
            }
            else
                Begin(attempt, item.ClaimedAt, item.Journal);
        }
    }

    void Expire(LiveAttempt attempt)
    {
        lock (gate)
        {
            if (attempt.Phase != AttemptPhase.Running)
                return;
            attempt.Host!.Abort(attempt, AbortReasons.Timeout);
            EndOwn(attempt, Ending.TimedOut(attempt.Command.TimeoutMs));
        }
    }

    /// <summary>No slot, no lease: the scheduler is to queue the run.</summary>
    void HandBack(LiveAttempt attempt)
    {
        attempt.Phase = AttemptPhase.Ending;
        EndUntilDone(attempt, Ending.Released, attempt.Command);
    }

    /// <summary>An end that nobody waits for must reach the store all the same.</summary>
    void EndOwn(LiveAttempt attempt, Ending ending)
    {
        Stopped(attempt, AttemptPhase.Ending);
        EndUntilDone(attempt, ending, null);
    }

    void EndUntilDone(LiveAttempt attempt, Ending ending, ExecuteRun? unclaimed) =>
        PostUntilDone(done => new EndItem(attempt.Key, attempt.Epoch, ending, (item, failure) =>
        {
            if (failure is null)
                Committed(attempt, (EndItem)item, null);
            done(item, failure);
        })
        { Unclaimed = unclaimed });

    /// <summary>
    /// The loop is patient with a store that is away; this goes on where its patience ends, and where the store failed in another way: a run whose
    /// attempt is held here and has no outcome would wait for ever.
    /// </summary>
    void PostUntilDone(Func<Action<AttemptItem, Exception?>, AttemptItem> make) => inbox.Post(make((_, failure) =>
    {
        if (failure is not null && !stopped.Task.IsCompleted && !stopping)
            again.Add(() => PostUntilDone(make), time.GetUtcNow() + StoreUnavailable.Pause);
    }));

    void Committed(LiveAttempt attempt, EndItem item, Exception? failure)
    {
        lock (gate)
        {
            if (attempt.Phase != AttemptPhase.Ending)
                return;
            if (failure is null && (item.Verdict.IsAck || item.Verdict.Code == RefuseCodes.Superseded))
            {
                Forget(attempt);
                if (item.Verdict.IsAck)
                    Ended?.Invoke(attempt, item.Ending);
                return;
            }

            // The worker may end it in another way, or again.
            attempt.Phase = AttemptPhase.Running;
            if (attempt.Host is { } host && hosts.ContainsKey(host))
            {
                TakeSlot(attempt);
                deadlines.Add(attempt, attempt.Deadline);
            }
            else
                EndOwn(attempt, Ending.Lost);
        }
    }

    /// <summary>Forgets an attempt that someone else has ended.</summary>
    void Drop(LiveAttempt attempt, string reason)
    {
        if (attempt.Phase == AttemptPhase.Running)
            attempt.Host!.Abort(attempt, reason);
        Forget(attempt);
    }

    void Forget(LiveAttempt attempt)
    {
        Stopped(attempt, AttemptPhase.Gone);
        if (live.TryGetValue(attempt.Key, out var known) && known == attempt)
            live.Remove(attempt.Key);
        if (stopping && live.Count == 0)
            stopped.TrySetResult();
    }

    void Stopped(LiveAttempt attempt, AttemptPhase phase)
    {
        attempt.Phase = phase;
        deadlines.Remove(attempt);
        if (!attempt.HoldsSlot)
            return;
        attempt.HoldsSlot = false;
        attempt.Host!.Busy--;
        attempt.Host.Attempts.Remove(attempt);
        Fill(attempt.Host);
    }

    static void TakeSlot(LiveAttempt attempt)
    {
        attempt.HoldsSlot = true;
        attempt.Host!.Busy++;
        attempt.Host.Attempts.Add(attempt);
    }

    /// <summary>Gives a host's free slots to what has waited longest for any of its handlers.</summary>
    void Fill(AttemptHost host)
    {
        while (host.HasRoom && !stopping)
        {
            HandlerPool? oldest = null;
            foreach (var pool in host.Pools)
                if (pool.Peek() is { } first && (oldest?.Peek() is not { } best || first.Arrival < best.Arrival))
                    oldest = pool;
            if (oldest is null)
                return;
            Claim(oldest.Dequeue(), host);
        }
    }

    void Close(AttemptHost host)
    {
        host.Closed = true;
        foreach (var pool in host.Pools.ToArray())
            Close(pool, host);
    }

    void Close(HandlerPool pool, AttemptHost host)
    {
        host.Pools.Remove(pool);
        pool.Hosts.Remove(host);
        if (pool.Hosts.Count > 0)
            return;
        pools.Remove(pool.Key);
        while (pool.Peek() is not null)
            HandBack(pool.Dequeue());
    }
}
