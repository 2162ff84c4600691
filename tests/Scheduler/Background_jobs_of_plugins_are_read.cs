using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Reaction;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.TextSchedules;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>What Reaction's plugins ask for, and what they are shown.</summary>
public sealed class Background_jobs_of_plugins_are_read
{
    [Fact]
    public void As_the_guide_prints_them()
    {
        var job = Read("""
            {"type": "someUniqueJobType", "data": {}, "retry": {"retries": 5, "wait": 60000, "backoff": "exponential"}, "priority": "normal", "schedule": "every day", "cancelRepeats": true}
            """);
        Assert.Equal(("someUniqueJobType", "{}", (short)0, true), (job.Type, job.Data.ToString(), job.Priority, job.CancelRepeats));
        Assert.Equal([60_000, 120_000, 240_000, 480_000, 960_000], Enumerable.Range(1, 5).Select(x => job.Retry!.DelayAfter(x, null, 0).TotalMilliseconds));
        Assert.Equal(6, job.Retry!.MaxAttempts);
        Assert.Equal("every day", Assert.IsType<TextSchedule>(job.Schedule!.Schedule.Times).Text);
    }

    [Theory]
    [InlineData("""{"retries": 2}""", 3, 1000, 1000)]
    [InlineData("""{"retries": 2, "wait": 5, "backoff": "constant"}""", 3, 5, 5)]
    [InlineData("""{"retries": 2, "wait": 5, "backoff": "linear"}""", 3, 5, 10)]
    [InlineData("""{"retries": 0, "wait": 604800000, "backoff": "exponential"}""", 1, 604_800_000, 1_209_600_000)]
    public void With_pauses(string retry, int attempts, long first, long second)
    {
        var policy = Read($$"""{"type": "a", "retry": {{retry}}}""").Retry!;
        Assert.Equal((attempts, first, second), (policy.MaxAttempts, (long)policy.DelayAfter(1, null, 0).TotalMilliseconds, (long)policy.DelayAfter(2, null, 0).TotalMilliseconds));
    }

    [Theory]
    [InlineData("every 5 mins", false)]
    [InlineData("at 5:00 pm", false)]
    [InlineData("@5:00", false)]
    [InlineData("*/5 * * * *", true)]
    [InlineData("0 6 * * MON-FRI", true)]
    [InlineData("@daily", true)]
    public void A_schedule_is_a_text_or_a_crontab_expression(string schedule, bool isCrontab) =>
        Assert.Equal(isCrontab, Read($$"""{"type": "a", "schedule": "{{schedule}}", "priority": 7}""").Schedule! is { Priority: 7, Schedule.Times: CronExpression });

    [Theory]
    [InlineData("""{"a": 1, "b": {"c": [1, 2, {"d": 3}], "e": null}}""", """{"b": {"c": [{"d": 3}, 1]}}""", true)]
    [InlineData("""{"a": 1}""", """{}""", true)]
    [InlineData("""{"a": 1.0}""", """{"a": 1}""", true)]
    [InlineData("""{"a": 1}""", """{"a": "1"}""", false)]
    [InlineData("""{"a": 1}""", """{"b": null}""", false)]
    [InlineData("""{"a": {"b": 1}}""", """{"b": 1}""", false)]
    [InlineData("""[1, 2]""", """[3]""", false)]
    [InlineData("null", "null", true)]
    public void Data_hold_a_part_of_themselves(string whole, string part, bool holds) =>
        Assert.Equal(holds, DataMatch.Holds(JsonDocument.Parse(whole).RootElement, JsonDocument.Parse(part).RootElement));

    [Theory]
    [InlineData("""[{"name": "progress:2", "output": 2}, {"name": "progress:10", "output": 10}, {"name": "other", "output": 11}, {"name": "progress:x", "output": 12}]""", "10")]
    [InlineData("""[{"name": "other", "output": 1}]""", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    public void The_last_progress_counts(string steps, string? progress) => Assert.Equal(progress, ReactionJobView.ProgressOf(JsonDocument.Parse(steps).RootElement)?.GetRawText());

    static ReactionJobRequest Read(string json)
    {
        var fields = new Fields(JsonDocument.Parse(json).RootElement, "");
        var request = ReactionJobRequest.Read(fields);
        fields.Done();
        return request;
    }
}
