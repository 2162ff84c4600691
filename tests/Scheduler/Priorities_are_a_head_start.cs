using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Higher priorities start first, and nobody waits for ever: the order alone, without a store and without time passing.</summary>
public sealed class Priorities_are_a_head_start
{
    const short Low = -10, Normal = 0, High = 10, Critical = 15;
    static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(30);
    static readonly DateTimeOffset Start = ManualTime.Start;

    int made;

    [Theory]
    [InlineData("low", -10)]
    [InlineData("normal", 0)]
    [InlineData("medium", 5)]
    [InlineData("high", 10)]
    [InlineData("critical", 15)]
    public void They_have_names(string name, int number) => Assert.Equal(((short?)number, name), (Priorities.Parse(name), Priorities.Name((short)number)));

    [Theory]
    [InlineData("one")]
    [InlineData("one", "other")]
    public void A_thousand_low_ones_hold_no_critical_one_back(params string[] jobs)
    {
        // The low ones came first, one each 100 ms.
        var low = Enumerable.Range(0, 1000).Select(i => Waiting(jobs[0], Low, Start.AddMilliseconds(i * 100)));
        var critical = Enumerable.Range(0, 100).Select(i => Waiting(jobs[^1], Critical, Start.AddMilliseconds(100_000 + i)));

        var order = Order([.. low, .. critical]);

        Assert.Equal(Enumerable.Repeat(Critical, 100).Concat(Enumerable.Repeat(Low, 1000)), order.Select(x => x.Priority));
        Assert.Equal(order.Skip(100).OrderBy(x => x.CreatedAt).Select(x => x.Id), order.Skip(100).Select(x => x.Id));
    }

    [Theory]
    [InlineData(Critical, 30)]
    [InlineData(High, 24)]
    [InlineData(Normal, 12)]
    [InlineData(Low, 0)]
    public void A_low_one_waits_so_many_minutes_for_an_endless_stream_of_others(short others, int minutes)
    {
        // One slot, and each second one of another job ends, another one comes, and one has been in line besides the low one.
        var (low, now) = (Waiting("one", Low, Start), Start);
        var line = new List<Run> { low, Waiting("other", others, Start) };
        while (true)
        {
            var next = Order(line)[0];
            if (next == low)
                break;
            line.Remove(next);
            now = now.AddSeconds(1);
            line.Add(Waiting("other", others, now));
        }

        Assert.InRange(now - Start, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Having_waited_for_long_is_no_advantage_over_other_jobs_of_the_same_priority()
    {
        Run[] flood = [.. Enumerable.Range(0, 50).Select(i => Waiting("flood", Normal, Start.AddSeconds(i)))];
        var late = Waiting("late", Normal, Start.AddDays(1));
        Assert.Equal(late, Order([.. flood, late], running: job => job == "flood" ? 1 : 0)[0]);
    }

    [Fact]
    public void Without_a_wait_the_order_is_that_of_coming() => Assert.Equal(Start, Priorities.PlaceInLine(Start, Critical, TimeSpan.Zero));

    Run Waiting(string job, short priority, DateTimeOffset at) => new()
    {
        CorrelationId = new(++made, 0, 0, new byte[8]),
        CurrentState = nameof(RunStateMachine.Pending),
        OrgId = Given.Org,
        Job = job,
        Due = true,
        Priority = priority,
        CreatedAt = at,
        QueuedAt = Priorities.PlaceInLine(at, priority, LongestWait),
    };

    static List<Run> Order(IEnumerable<Run> waiting, Func<string, int>? running = null)
    {
        var turns = new FairTurns(waiting, run => new(0, run.Priority, running?.Invoke(run.Job) ?? 0, run.QueuedAt, run.Id));
        var order = new List<Run>();
        while (turns.Next() is { } next)
            order.Add(next);
        return order;
    }
}
