using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>Cancels runs, one or many. A cancel that was accepted is final (semantics 9).</summary>
public sealed class RunCancels(RunQueries queries, RunInbox inbox, TimeProvider time)
{
    const int PerRound = 500;

    /// <summary>A start is never on its way for longer.</summary>
    static readonly TimeSpan OnItsWay = TimeSpan.FromHours(1);

    static readonly string[] Unfinished = [RunStatus.Pending, RunStatus.Running, RunStatus.Sleeping, RunStatus.Retrying];

    /// <summary>The run after the cancel, and whether it was this cancel that ended it.</summary>
    public async Task<(Run Run, bool Ended)> One(string orgId, string job, RunId id)
    {
        var item = new LocalItem<CancelRun>(new JobKey(orgId, job), new(orgId, id), new(orgId, id, job), machine => machine.Cancel, mayFreeSlot: true);
        await inbox.Take(item);
        return (item.After!, item.Before is { IsFinal: false });
    }

    /// <summary>
    /// Cancels a run whose start may still be on its way, as an event's or a trigger's that nobody has answered yet: it leaves a tombstone for the
    /// id. Null when the id is too old for that, or the job is not there.
    /// </summary>
    public async Task<Run?> Ahead(string orgId, string job, RunId id)
    {
        if ((Ulid.TimeOf(id.Value) - time.GetUtcNow()).Duration() > OnItsWay)
            return null;
        var item = new CancelAhead(new JobKey(orgId, job), new(orgId, id));
        await inbox.Take(item);
        return item.After;
    }

    /// <summary>Every unfinished run that the filter means, in rounds; gives their ids.</summary>
    public async Task<IReadOnlyList<RunId>> All(string orgId, RunFilter filter, CancellationToken stop)
    {
        var cancelled = new List<RunId>();
        var open = filter with { Statuses = filter.Statuses?.Intersect(Unfinished).ToArray() ?? Unfinished };
        for (RunId? before = null; ;)
        {
            var round = await queries.List(orgId, open with { Before = before }, PerRound, stop);
            var ended = await Task.WhenAll(round.Select(run => One(orgId, run.Job, new(run.Id))));
            cancelled.AddRange(ended.Where(x => x.Ended).Select(x => x.Run.Id));
            if (round.Count < PerRound)
                return cancelled;
            before = new RunId(round[^1].Id);
        }
    }
}
