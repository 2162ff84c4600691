using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Dispatch;

/// <summary>
/// Whose turn it is when there is not room for all. Orgs that share slots get equal shares of them. Of the others who stand first in their jobs,
/// the one with the first place in line says which priority has the turn, so that a higher one goes first until a lower one has waited for long
/// enough; of those with that priority the job that has the fewest runs under way comes, then who has the first place. So a flood of one org or job
/// keeps no other waiting.
/// </summary>
public readonly record struct Standing(int OrgShare, short Priority, int JobRunning, DateTimeOffset QueuedAt, RunId Id) : IComparable<Standing>
{
    /// <summary>Among all.</summary>
    public static readonly Comparer<Standing> InLine = Comparer<Standing>.Create((a, b) =>
    {
        var byShare = a.OrgShare.CompareTo(b.OrgShare);
        return byShare != 0 ? byShare : a.ByPlace(b);
    });

    /// <summary>Among those of one priority.</summary>
    public int CompareTo(Standing other)
    {
        var byShare = OrgShare.CompareTo(other.OrgShare);
        if (byShare != 0) return byShare;
        var byJob = JobRunning.CompareTo(other.JobRunning);
        return byJob != 0 ? byJob : ByPlace(other);
    }

    int ByPlace(Standing other)
    {
        var byPlace = QueuedAt.CompareTo(other.QueuedAt);
        return byPlace != 0 ? byPlace : Id.CompareTo(other.Id);
    }
}

/// <summary>Gives out turns one by one. A job's runs stand in line; what each turn changes about the standing of others is looked at when theirs comes.</summary>
public sealed class FairTurns
{
    readonly Func<Run, Standing> standing;
    readonly PriorityQueue<Entry, Standing> all = new(Standing.InLine);
    readonly Dictionary<short, PriorityQueue<Entry, Standing>> priorities = [];

    public FairTurns(IEnumerable<Run> candidates, Func<Run, Standing> standing)
    {
        this.standing = standing;
        foreach (var job in candidates.GroupBy(run => run.JobKey))
            Enqueue(new(job.Order(Dispatcher.Turn)));
    }

    /// <summary>The run whose turn it is; null when none is left.</summary>
    public Run? Next()
    {
        if (First(all, Standing.InLine) is not { } first)
            return null;
        var line = First(priorities[first.Runs.Peek().Priority], Comparer<Standing>.Default)!;
        var run = line.Runs.Dequeue();
        line.Turn++;
        if (line.Runs.Count > 0)
            Enqueue(line);
        return run;
    }

    /// <summary>The line that is first by now: a standing can only have become worse, by the turns of the same org and job.</summary>
    Line? First(PriorityQueue<Entry, Standing> queue, IComparer<Standing> order)
    {
        while (queue.TryPeek(out var entry, out var was))
        {
            if (entry.Turn == entry.Line.Turn)
            {
                var now = standing(entry.Line.Runs.Peek());
                if (order.Compare(now, was) <= 0)
                    return entry.Line;
                queue.DequeueEnqueue(entry, now);
            }
            else
            {
                queue.Dequeue();
            }
        }

        return null;
    }

    void Enqueue(Line line)
    {
        var now = standing(line.Runs.Peek());
        if (!priorities.TryGetValue(now.Priority, out var others))
            priorities[now.Priority] = others = new();
        all.Enqueue(new(line, line.Turn), now);
        others.Enqueue(new(line, line.Turn), now);
    }

    /// <summary>A job's runs. What its turns before have left in the queues counts no more.</summary>
    sealed class Line(IEnumerable<Run> runs)
    {
        public Queue<Run> Runs { get; } = new(runs);

        public int Turn { get; set; }
    }

    readonly record struct Entry(Line Line, int Turn);
}
