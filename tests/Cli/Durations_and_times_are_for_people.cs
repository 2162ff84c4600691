using ReactorJobs.Cli.Output;

namespace ReactorJobs.Tests.Cli;

public sealed class Durations_and_times_are_for_people
{
    static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(12.4, "12ms")]
    [InlineData(999.6, "1s")]
    [InlineData(3_200, "3.2s")]
    [InlineData(59_960, "1m")]
    [InlineData(80_000, "1m 20s")]
    [InlineData(3_599_900, "1h")]
    [InlineData(7_500_000, "2h 5m")]
    [InlineData(86_400_000, "1d")]
    [InlineData(100_000_000, "1d 4h")]
    public void A_duration_has_two_units_at_most(double milliseconds, string text) =>
        Assert.Equal(text, Durations.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("PT5M", 300_000)]
    [InlineData("250", 250)]
    public void A_duration_is_read_in_each_form(string text, double milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var span));
        Assert.Equal(milliseconds, span.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5 minutes")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("1e400s")]
    [InlineData("99999999999999d")]
    [InlineData("P-1D")]
    public void Anything_else_is_none(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData(0.2, "just now")]
    [InlineData(12, "12s ago")]
    [InlineData(119, "1m ago")]
    [InlineData(7200, "2h ago")]
    [InlineData(200_000, "2d ago")]
    [InlineData(700_000, "2026-02-21 09:33")]
    [InlineData(-300, "in 5m")]
    public void A_recent_time_is_relative(double secondsAgo, string text) => Assert.Equal(text, Times.Relative(Now.AddSeconds(-secondsAgo), Now));

    [Fact]
    public void Text_from_elsewhere_cannot_steer_the_terminal()
    {
        Assert.Equal("a b\uFFFD]0;x\uFFFD", Printable.Line("a\nb\e]0;x\a"));
        Assert.Equal("a\nb", Printable.Block("a\r\nb"));
        Assert.Equal("x\uFFFDy – Zoë", Printable.Line("x\u202Ey – Zoë"));
    }
}
