using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Dispatch;

/// <summary>
/// Which jobs have runs waiting in the database: learned from the counters that each group locks anyway, so that a group knows what to pick
/// up without asking. The reconciler's scan corrects it.
/// </summary>
public sealed class Backlog
{
    /// <summary>More jobs than this take turns.</summary>
    const int JobsPerGroup = 64;
    const int RunsPerGroup = 500;

    readonly Lock gate = new();
    readonly Dictionary<JobKey, WaitingJob> waiting = [];
    readonly Queue<JobKey> turns = new();

    public int Jobs
    {
        get
        {
            lock (gate)
                return waiting.Count;
        }
    }

    public void Learn(WaitingJob job)
    {
        lock (gate)
        {
            if (job.Waiting <= 0)
                waiting.Remove(job.Key);
            else if (!waiting.ContainsKey(job.Key) && !turns.Contains(job.Key))
                turns.Enqueue(job.Key);
            if (job.Waiting > 0)
                waiting[job.Key] = job;
        }
    }

    /// <summary>What the next group should pick up.</summary>
    /// <param name="soonFree">Slots that the group's own messages are about to free.</param>
    public IReadOnlyCollection<(JobKey Job, int Most)> Picks(Capacity capacity, int soonFree)
    {
        lock (gate)
            return waiting.Count == 0 ? [] : Choose(capacity, soonFree);
    }

    List<(JobKey Job, int Most)> Choose(Capacity capacity, int soonFree)
    {
        var picks = new List<(JobKey Job, int Most)>();
        for (var looked = turns.Count; looked > 0 && picks.Count < JobsPerGroup; looked--)
        {
            var key = turns.Dequeue();
            if (!waiting.TryGetValue(key, out var job))
                continue;
            turns.Enqueue(key);
            var room = capacity.Free(key.OrgId, job.Handler);
            if (room + soonFree > 0)
                picks.Add((key, Math.Min(Math.Min(job.Waiting, room + soonFree), RunsPerGroup)));
        }

        return picks;
    }
}
