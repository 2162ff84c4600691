using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Dispatch;

/// <summary>
/// Whose turn it is when there is not room for all. Orgs that share slots get equal shares of them; within an org the higher priority goes
/// first, then the job that has the fewest runs under way, then who has waited longest. So a flood of one org or job keeps no other waiting.
/// </summary>
public readonly record struct Standing(int OrgShare, short Priority, int JobRunning, DateTimeOffset QueuedAt, RunId Id) : IComparable<Standing>
{
    public int CompareTo(Standing other)
    {
        var byShare = OrgShare.CompareTo(other.OrgShare);
        if (byShare != 0) return byShare;
        var byPriority = other.Priority.CompareTo(Priority);
        if (byPriority != 0) return byPriority;
        var byJob = JobRunning.CompareTo(other.JobRunning);
        if (byJob != 0) return byJob;
        var byAge = QueuedAt.CompareTo(other.QueuedAt);
        return byAge != 0 ? byAge : Id.CompareTo(other.Id);
    }
}

/// <summary>Gives out turns one by one. A job's runs stand in line; what each turn changes about the standing of others is looked at when theirs comes.</summary>
public sealed class FairTurns
{
    readonly Func<Run, Standing> standing;
    readonly PriorityQueue<Queue<Run>, Standing> lines = new();

    public FairTurns(IEnumerable<Run> candidates, Func<Run, Standing> standing)
    {
        this.standing = standing;
        foreach (var job in candidates.GroupBy(run => run.JobKey))
            Enqueue(new Queue<Run>(job.Order(Dispatcher.Turn)));
    }

    /// <summary>The run whose turn it is; null when none is left.</summary>
    public Run? Next()
    {
        while (lines.TryDequeue(out var line, out var was))
        {
            // A standing can only have become worse: by the turns of the same org and job.
            if (standing(line.Peek()).CompareTo(was) > 0)
            {
                Enqueue(line);
                continue;
            }

            var run = line.Dequeue();
            if (line.Count > 0)
                Enqueue(line);
            return run;
        }

        return null;
    }

    void Enqueue(Queue<Run> line) => lines.Enqueue(line, standing(line.Peek()));
}
