using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

public sealed class Jitter_is_the_same_again
{
    static readonly DateTimeOffset Nominal = Given.At("2026-01-01T06:00Z");
    static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    /// <summary>Written down: a scheduler of another version must come to the same.</summary>
    [Theory]
    [InlineData("trg_01J0000000000000000000000A", "2026-01-01T06:00Z", 294_055)]
    [InlineData("trg_01J0000000000000000000000A", "2026-01-02T06:00Z", 399_961)]
    [InlineData("trg_01J0000000000000000000000B", "2026-01-01T06:00Z", 330_403)]
    public void For_the_same_trigger_and_time(string trigger, string nominal, long ms) =>
        Assert.Equal(ms, Jitter.DelayOf(trigger, Given.At(nominal), Most).TotalMilliseconds);

    [Fact]
    public void It_is_spread_evenly_over_triggers_and_over_times()
    {
        var triggers = Enumerable.Range(0, 10_000).Select(i => Jitter.DelayOf($"trg_{i}", Nominal, Most)).ToArray();
        var times = Enumerable.Range(0, 10_000).Select(i => Jitter.DelayOf("trg_1", Nominal.AddDays(i), Most)).ToArray();
        foreach (var delays in new[] { triggers, times })
        {
            Assert.All(delays, x => Assert.InRange(x, TimeSpan.Zero, Most - TimeSpan.FromMilliseconds(1)));
            // A thousand in each tenth, give or take five standard deviations.
            Assert.All(delays.GroupBy(x => (int)(x / Most * 10)), x => Assert.InRange(x.Count(), 850, 1150));
        }
    }

    [Fact]
    public void It_does_not_reach_the_next_fire()
    {
        var next = Nominal.AddMinutes(1);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.True(Nominal + Jitter.DelayOf($"trg_{i}", Nominal, Most, next) < next));
        Assert.Contains(Enumerable.Range(0, 1000), i => Jitter.DelayOf($"trg_{i}", Nominal, Most, next) > TimeSpan.FromSeconds(50));
    }

    [Fact]
    public void Without_any_it_is_nothing()
    {
        Assert.Equal(TimeSpan.Zero, Jitter.DelayOf("trg_1", Nominal, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, Jitter.DelayOf("trg_1", Nominal, Most, Nominal));
    }
}
