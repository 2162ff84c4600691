using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>What others in this process want to know of a committed group.</summary>
public sealed record RunsCommitted(IReadOnlyList<(Run? Before, Run After)> Changed, IReadOnlyList<RunTimer> TimersSet);

/// <summary>
/// One transaction for many messages: lock and load, let each run take its message in memory, dispatch what is due, write the
/// difference, commit; then tell. What the groups before left is not read again but assumed (<see cref="RunCache"/>), and compared by the
/// commit. Doing a group again after a commit that did not tell is harmless.
/// </summary>
public sealed class RunGroup(
    IRunStore store, RunStateMachine machine, Dispatcher dispatcher, Capacity capacity, Backlog backlog, Outbox outbox, Func<OutboxMessage, Task> wakeUp,
    SchedulerOptions options, IdSource ids, Random dice, TimeProvider time, Func<Guid, short> shardOf, Action<RunsCommitted> committed)
{
    readonly RunCache cache = new(time);

    public async Task Process(IReadOnlyList<RunItem> items)
    {
        var confirmed = outbox.TakeConfirmed();
        try
        {
            var keys = Keys(items, confirmed);
            if (cache.Find(keys) is not { } known || !await TryAssuming(keys, known))
                await Commit(await store.Open(keys), isAssumed: false);
        }
        catch
        {
            cache.Clear();
            outbox.Return(confirmed);
            throw;
        }

        async Task<bool> TryAssuming(RunKeys keys, KnownRows known)
        {
            try
            {
                await Commit(store.Assume(keys, known), isAssumed: true);
                return true;
            }
            catch (StaleRead stale)
            {
                if (!stale.IsThere)
                    cache.Distrust();
                return false;
            }
        }

        async Task Commit(IRunTransaction opened, bool isAssumed)
        {
            var dispatched = new Dispatched();
            await using var transaction = opened;
            try
            {
                var session = new RunSession(transaction, machine, options, ids, dice, Now(), shardOf);
                foreach (var item in items)
                    await Take(item, session);
                await dispatcher.Dispatch(session, machine, transaction.Waiting, dispatched);

                var changes = session.Changes(confirmed);
                if (isAssumed || !changes.IsEmpty)
                    await transaction.Commit(changes);
                cache.Keep(session, transaction);
                Tell(session, changes);
            }
            catch
            {
                dispatcher.Undo(dispatched);
                throw;
            }
        }
    }

    /// <summary>In whole milliseconds, as the API shows it: a finer time would not come back from its row as it went in.</summary>
    DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    RunKeys Keys(IReadOnlyList<RunItem> items, IReadOnlyList<OutboxKey> confirmed)
    {
        var runs = new HashSet<RunKey>();
        var created = new HashSet<RunKey>();
        var jobs = new HashSet<JobKey>();
        var orgs = new HashSet<string>(StringComparer.Ordinal);
        var idempotency = new HashSet<IdempotencyKey>();
        foreach (var item in items)
        {
            if (item.Job.OrgId is null)
                continue;
            runs.UnionWith(item.Runs);
            created.UnionWith(item.Created);
            jobs.UnionWith(item.Jobs);
            orgs.Add(item.Job.OrgId);
            if (item.Idempotency is { } key)
                idempotency.Add(key);
        }

        var picks = backlog.Picks(capacity, items.Where(item => item.MayFreeSlot).Select(item => item.Job));
        foreach (var pick in picks)
        {
            jobs.Add(pick.Job);
            orgs.Add(pick.Job.OrgId);
        }

        if (options.MaxOrgConcurrentRuns is not null)
            foreach (var org in orgs)
                jobs.Add(RunSession.OrgWide(org));
        foreach (var key in confirmed)
            orgs.Add(key.OrgId);
        return new(orgs, jobs, runs, idempotency, picks) { Created = created };
    }

    async Task Take(RunItem item, RunSession session)
    {
        item.Reset();
        try
        {
            await item.Take(session, machine);
        }
        catch (Exception exception)
        {
            item.Fault(exception);
        }
    }

    void Tell(RunSession session, RunChanges changes)
    {
        outbox.Forget(changes.Confirmed);
        outbox.Publish(changes.Outbox);
        foreach (var message in session.WakeUps)
            _ = wakeUp(message);
        dispatcher.Settle(session);
        foreach (var (key, load) in session.Loads)
            if (load.Job is { } job)
                backlog.Learn(new(key, job.Handler, job.Paused ? 0 : load.Waiting) { Running = load.Running, Room = job.MaxConcurrency - load.Running });
        committed(new([.. session.Changed], changes.TimersSet));
    }
}
