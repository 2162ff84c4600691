using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The pause after a failed attempt, to the millisecond (product A5).</summary>
public sealed class Retry_delays_are_exact
{
    const double HighestDice = 0.999_999_999;

    static readonly RetryPolicy Exponential = new(10, RetryPolicy.Exponential, 1_000, 60_000, 2, 0);
    static readonly RetryPolicy Linear = new(10, RetryPolicy.Linear, 1_500, 5_000, 2, 0);

    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(2, 2_000)]
    [InlineData(3, 4_000)]
    [InlineData(6, 32_000)]
    [InlineData(7, 60_000)] // 64,000 is over the longest
    [InlineData(1_000, 60_000)] // 2 to the 999th does not overflow
    public void Exponential_backoff_doubles_up_to_its_longest(int attempt, long ms) => Assert.Equal(ms, Delay(Exponential, attempt));

    [Theory]
    [InlineData(1, 1_500)]
    [InlineData(2, 3_000)]
    [InlineData(3, 4_500)]
    [InlineData(4, 5_000)]
    public void Linear_backoff_grows_by_its_first_delay(int attempt, long ms) => Assert.Equal(ms, Delay(Linear, attempt));

    [Theory]
    [InlineData(1.0, 4, 1_000)]
    [InlineData(1.5, 3, 2_250)]
    [InlineData(3.0, 4, 27_000)]
    [InlineData(100.0, 2, 60_000)]
    public void The_multiplier_is_the_policys(double multiplier, int attempt, long ms) => Assert.Equal(ms, Delay(Exponential with { Multiplier = multiplier }, attempt));

    [Fact]
    public void The_first_delay_may_be_nothing() => Assert.Equal(0, Delay(Exponential with { InitialMs = 0 }, 5));

    [Theory]
    [InlineData(0.5, 0.0, 500)]
    [InlineData(0.5, 0.5, 1_000)]
    [InlineData(0.5, HighestDice, 1_500)]
    [InlineData(1.0, 0.0, 0)]
    [InlineData(1.0, 0.25, 500)]
    [InlineData(1.0, HighestDice, 2_000)]
    [InlineData(0.1, 0.75, 1_050)]
    [InlineData(0.0, HighestDice, 1_000)]
    public void Jitter_is_a_share_of_the_delay_to_either_side(double jitter, double dice, long ms) =>
        Assert.Equal(ms, Delay(Exponential with { Jitter = jitter }, 1, dice: dice));

    [Fact]
    public void Jitter_spreads_what_the_longest_delay_has_cut() =>
        Assert.Equal([30_000, 90_000], new[] { 0.0, HighestDice }.Select(dice => Delay(Exponential with { Jitter = 0.5 }, 20, dice: dice)));

    [Theory]
    [InlineData(null, 1_000)]
    [InlineData(0L, 1_000)]
    [InlineData(-5L, 1_000)]
    [InlineData(999L, 1_000)]
    [InlineData(1_001L, 1_001)]
    [InlineData(120_000L, 120_000)] // longer than the policy's longest
    [InlineData(86_400_000L, 86_400_000)]
    [InlineData(86_400_001L, 86_400_000)] // a day at most
    [InlineData(long.MaxValue, 86_400_000)]
    public void A_longer_retry_after_wins(long? retryAfterMs, long ms) => Assert.Equal(ms, Delay(Exponential, 1, retryAfterMs));

    [Fact]
    public void Jitter_does_not_shorten_a_retry_after() => Assert.Equal(2_000, Delay(Exponential with { Jitter = 1 }, 1, 2_000, dice: 0));

    [Fact]
    public void The_default_is_exponential_from_a_second_to_a_minute() =>
        Assert.Equal(new RetryPolicy(3, "exponential", 1_000, 60_000, 2, 0), RetryPolicy.Default(3));

    static double Delay(RetryPolicy policy, int attempt, long? retryAfterMs = null, double dice = 0.5) => policy.DelayAfter(attempt, retryAfterMs, dice).TotalMilliseconds;
}
