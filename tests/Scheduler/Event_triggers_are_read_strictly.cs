using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A trigger on a topic, and from when on earlier events count.</summary>
public sealed class Event_triggers_are_read_strictly
{
    static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("24h", "2026-02-28T12:00:00Z")]
    [InlineData("90m", "2026-03-01T10:30:00Z")]
    [InlineData("30s", "2026-03-01T11:59:30Z")]
    [InlineData("7d", "2026-02-22T12:00:00Z")]
    [InlineData("9999d", "1998-10-15T12:00:00Z")]
    [InlineData("2026-01-31T09:00:00Z", "2026-01-31T09:00:00Z")]
    [InlineData("2026-01-31T10:00:00.5+01:00", "2026-01-31T09:00:00.5Z")]
    public void Since_a_time_or_so_long_ago_when_it_is_made(string since, string at) =>
        Assert.Equal(DateTimeOffset.Parse(at, null), EventTrigger.SinceOf(Read($$"""{"topic": "t", "since": "{{since}}"}""").ToRow("acme", "trg_1", "job", Now)));

    [Theory]
    [InlineData("""{"topic": "t"}""")]
    [InlineData("""{"topic": "t", "since": null}""")]
    public void Without_since_no_earlier_event_counts(string body) => Assert.Null(EventTrigger.SinceOf(Read(body).ToRow("acme", "trg_1", "job", Now)));

    [Fact]
    public void Another_since_is_the_same_trigger() =>
        Assert.True(Read("""{"topic": "t", "since": "1h"}""").IsSameAs(Read("""{"topic": "t", "since": "24h"}""").ToRow("acme", "trg_1", "job", Now)));

    [Theory]
    [InlineData("""{"topic": "t", "since": "yesterday"}""", "/since")]
    [InlineData("""{"topic": "t", "since": "-1h"}""", "/since")]
    [InlineData("""{"topic": "t", "since": "24"}""", "/since")]
    [InlineData("""{"topic": "t", "since": "1h\n"}""", "/since")]
    [InlineData("""{"topic": "t", "since": "2026-02-30T09:00:00Z"}""", "/since")]
    [InlineData("""{"topic": "t", "since": 24}""", "/since")]
    [InlineData("""{"topic": ""}""", "/topic")]
    [InlineData("""{"topic": "a\u0085b"}""", "/topic")]
    [InlineData("""{"topic": "\ud800"}""", "/topic")]
    public void What_is_wrong_is_named(string body, string pointer)
    {
        var refused = Assert.Throws<ProblemException>(() => Read(body));
        Assert.Equal(pointer, Assert.Single(refused.Problem.Errors!).Pointer);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void A_topic_is_as_long_as_people_count_it(int characters, bool isTaken)
    {
        var body = JsonSerializer.Serialize(new { topic = string.Concat(Enumerable.Repeat("🎉", characters)) });
        if (isTaken)
            Read(body);
        else
            Assert.Throws<ProblemException>(() => Read(body));
    }

    static EventTrigger Read(string body)
    {
        var fields = new Fields(JsonDocument.Parse(body).RootElement, "");
        var trigger = EventTrigger.Read(fields);
        fields.Done();
        return trigger;
    }
}
