using System.Text.Json;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The table of durations that the API and both ends of it share (product A4).</summary>
public sealed class Durations_have_three_spellings
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("250", 250)]
    [InlineData("PT1H30M", 5_400_000)]
    [InlineData("PT0.5S", 500)]
    [InlineData("P1D", 86_400_000)]
    [InlineData("36525d", 3_155_760_000_000)]
    public void It_means(string text, double ms)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(ms, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5w")]
    [InlineData("1h30m")]
    [InlineData("1e3")]
    [InlineData("١s")]
    [InlineData("5s\n")]
    [InlineData("P")]
    [InlineData("-PT1S")]
    [InlineData("PT1X")]
    [InlineData("36526d")]
    [InlineData("999999999999999d")]
    [InlineData("P999999999D")]
    public void It_means_nothing(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("\"30s\"", 30_000)]
    [InlineData("30000", 30_000)]
    public void A_field_may_be_text_or_a_number(string json, double ms) =>
        Assert.Equal(ms, new Fields(JsonDocument.Parse($$"""{"delay": {{json}}}""").RootElement, "").Duration("delay")!.Value.TotalMilliseconds);
}
