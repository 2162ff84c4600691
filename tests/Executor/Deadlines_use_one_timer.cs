using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Tests.Executor;

public sealed class Deadlines_use_one_timer
{
    [Fact]
    public void What_is_due_expires_and_what_ended_does_not()
    {
        var time = new ManualTime();
        var expired = new List<string>();
        using var deadlines = new Deadlines<string>(time, expired.Add);
        var start = time.GetUtcNow();
        deadlines.Add("late", start.AddSeconds(30));
        deadlines.Add("soon", start.AddSeconds(10));
        deadlines.Add("ended", start.AddSeconds(5));
        deadlines.Remove("ended");

        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(expired);
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(["soon"], expired);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(["soon", "late"], expired);
    }

    [Fact]
    public void What_has_ended_is_not_kept_until_it_would_be_due()
    {
        using var deadlines = new Deadlines<int>(new ManualTime(), _ => { });
        for (var i = 0; i < 10_000; i++)
        {
            deadlines.Add(i, DateTimeOffset.MaxValue.AddDays(-i));
            deadlines.Remove(i);
        }

        Assert.InRange(deadlines.Queued, 0, 100);
    }
}
