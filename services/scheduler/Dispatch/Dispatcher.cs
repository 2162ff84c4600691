using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Dispatch;

/// <summary>Gives the runs that are due to executors with room, by fair turns, as far as their jobs' limits allow.</summary>
public sealed class Dispatcher(Capacity capacity, SchedulerOptions options, TimeProvider time)
{
    /// <summary>Within a job: by the places in line, then the older id.</summary>
    public static readonly Comparer<Run> Turn = Comparer<Run>.Create((a, b) =>
    {
        var byPlace = a.QueuedAt.CompareTo(b.QueuedAt);
        return byPlace != 0 ? byPlace : a.Id.CompareTo(b.Id);
    });

    /// <summary>
    /// Dispatches within the session, also into the places that its own runs give up by what they have taken; <see cref="Undo"/> puts it all
    /// back when the commit fails.
    /// </summary>
    public async Task Dispatch(RunSession session, RunStateMachine machine, IReadOnlyList<Run> picked, Dispatched group)
    {
        foreach (var (_, run) in session.Changed)
            if (!run.IsRunning && capacity.Vacate(run.OrgId, run.Id) is { } vacated)
                group.Vacated.Add(vacated);
        var candidates = session.Changed.Select(x => x.After).Where(run => run.IsWaiting)
            .Concat(picked.Where(run => session.Find(new RunKey(run.OrgId, run.Id)) is null));
        var turns = new FairTurns(candidates, run => new(capacity.Share(run.OrgId, run.Handler), run.Priority, session.Load(run.JobKey).Running, run.QueuedAt, run.Id));
        while (turns.Next() is { } run)
        {
            var load = session.Load(run.JobKey);
            if (load.IsDeletedDefinition)
            {
                await session.Raise(machine.Orphaned, new OrphanRun(run.OrgId, run.Id), new(run.OrgId, run.Id), run.JobKey);
                continue;
            }

            if (load.Job is not { Paused: false } job || load.Running >= job.MaxConcurrency || !session.OrgHasRoom(run.OrgId, options.MaxOrgConcurrentRuns))
                continue;
            if (capacity.Take(run.OrgId, run.Handler, run.Id, run.Epoch + 1, time.GetTimestamp()) is not { } place)
                continue;
            group.Runs.Add(run);
            await session.Raise(machine.Dispatch, new DispatchRun(run.OrgId, run.Id, place.Executor, place.AsOf), new(run.OrgId, run.Id), run.JobKey);
        }
    }

    public void Undo(Dispatched group)
    {
        foreach (var run in group.Runs)
            capacity.Release(run.OrgId, run.Id);
        foreach (var vacated in group.Vacated)
            capacity.Restore(vacated);
    }

    /// <summary>
    /// Keeps the count of what is in flight, from the runs that a committed group saw. What counts is how they are: a group that is done
    /// again, because its first commit did not tell, finds nothing to change.
    /// </summary>
    public void Settle(RunSession session)
    {
        foreach (var run in session.Seen)
            if (!run.IsRunning)
                capacity.Release(run.OrgId, run.Id);
    }
}

/// <summary>What one group did with the places, before its commit.</summary>
public sealed class Dispatched
{
    public List<Run> Runs { get; } = [];

    public List<Capacity.Vacated> Vacated { get; } = [];
}
