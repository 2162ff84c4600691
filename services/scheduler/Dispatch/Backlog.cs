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

    /// <summary>So many more than there are places: what is known of a job may be late, and then some cannot have their turn.</summary>
    const int Spare = 4;

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
    /// <param name="soonFree">The job of each slot that the group's own messages are about to free; looked at where something waits.</param>
    public IReadOnlyCollection<Pick> Picks(Capacity capacity, IEnumerable<JobKey> soonFree)
    {
        lock (gate)
            return waiting.Count == 0 ? [] : Choose(capacity, soonFree.CountBy(job => job).ToDictionary());
    }

    List<Pick> Choose(Capacity capacity, Dictionary<JobKey, int> soonFree)
    {
        var freed = soonFree.Values.Sum();
        var jobs = new List<WaitingJob>();
        for (var looked = turns.Count; looked > 0 && jobs.Count < JobsPerGroup; looked--)
        {
            var key = turns.Dequeue();
            if (!waiting.TryGetValue(key, out var job))
                continue;
            turns.Enqueue(key);
            var soon = soonFree.GetValueOrDefault(key);
            jobs.Add(job with { Room = (int)Math.Min(job.Waiting, Math.Max(0, (long)job.Room + soon)), Running = Math.Max(0, job.Running - soon) });
        }

        var picks = new List<Pick>();
        var lines = 0;
        foreach (var line in jobs.GroupBy(job => (job.Key.OrgId, capacity.Line(job.Key.OrgId, job.Handler))))
            if (Math.Min(line.Max(job => capacity.Free(job.Key.OrgId, job.Handler)) + freed, RunsPerGroup) is > 0 and var places)
                picks.AddRange(Parts([.. line], places, lines++));
        return picks;
    }

    /// <summary>
    /// What each of several jobs would get of so many places if all of their runs were equal: the one that has the fewest under way comes first.
    /// Each has one more at hand, because the last place goes by age; and what is known of a job may be late, so that none is left out.
    /// </summary>
    public static IEnumerable<Pick> Parts(IReadOnlyList<WaitingJob> jobs, int places, int line = 0)
    {
        var parts = new int[jobs.Count];
        var next = new PriorityQueue<int, int>(jobs.Select((job, i) => (i, job.Running)).Where(x => jobs[x.i].Room > 0));
        for (var left = places; left > 0 && next.TryDequeue(out var i, out var running); left--)
            if (++parts[i] < jobs[i].Room)
                next.Enqueue(i, running + 1);
        return jobs.Select((job, i) => new Pick(job.Key, Math.Clamp(job.Room, 1, places), parts[i] + 1) { Line = line, Places = places + Spare, Running = job.Running, Room = job.Room });
    }
}
