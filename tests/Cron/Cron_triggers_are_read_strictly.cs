using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

public sealed class Cron_triggers_are_read_strictly
{
    [Fact]
    public void As_the_guides_print_them()
    {
        var trigger = Read("""{"schedule": "0 6 * * *", "timezone": "America/New_York", "payload": {"report_type": "daily"}}""");
        Assert.Equal(("0 6 * * *", "America/New_York"), (trigger.Schedule.Times.Text, trigger.Schedule.Zone.Id));
        Assert.Equal("""{"report_type": "daily"}""", trigger.Payload.ToString());
        Assert.Equal((MisfirePolicy.Default, "allow", TimeSpan.Zero), (trigger.Misfire, trigger.Overlap, trigger.Jitter));

        var bare = Read("""{"cron": "*/15 * * * *"}""");
        Assert.Equal(("*/15 * * * *", "UTC", "null"), (bare.Schedule.Times.Text, bare.Schedule.Zone.Id, bare.Payload.ToString()));
    }

    [Fact]
    public void With_every_field()
    {
        var trigger = Read("""{"schedule": "*/10 * * * * *", "seconds": true, "misfire": "all", "misfireWindow": "2h", "overlap": "cancel_running", "jitter": "90s"}""");
        Assert.Equal(6, ((CronExpression)trigger.Schedule.Times).Seconds.Count);
        Assert.Equal((new("all", TimeSpan.FromHours(2)), "cancel_running", TimeSpan.FromSeconds(90)), (trigger.Misfire, trigger.Overlap, trigger.Jitter));
    }

    [Theory]
    [InlineData("""{"misfire": "none"}""", "/misfire", "must be one of skip, last, all")]
    [InlineData("""{"misfire_window": "367d"}""", "/misfire_window", "must be at most 366 days")]
    [InlineData("""{"misfire_window": "soon"}""", "/misfire_window", "must be a duration")]
    [InlineData("""{"overlap": "cancel"}""", "/overlap", "must be one of allow, skip, queue, cancel_running; did you mean cancel_running?")]
    [InlineData("""{"jitter": "61m"}""", "/jitter", "must be at most an hour")]
    [InlineData("""{"jittr": "1m"}""", "/jittr", "did you mean jitter?")]
    [InlineData("""{"timezone": "Nowhere"}""", "/timezone", "must be a time zone of the IANA database")]
    public void A_mistake_is_named(string json, string pointer, string detail)
    {
        var problem = Assert.Throws<ProblemException>(() => Read("""{"schedule": "0 0 * * *", """ + json[1..])).Problem;
        Assert.Contains(problem.Errors!, x => x.Pointer == pointer && x.Detail.Contains(detail, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_schedule_there_is_none() =>
        Assert.Equal("/schedule", Assert.Throws<ProblemException>(() => Read("{}")).Problem.Errors!.Single().Pointer);

    static CronTrigger Read(string json)
    {
        var fields = new Fields(JsonDocument.Parse(json).RootElement, "");
        var trigger = CronTrigger.Read(fields);
        fields.Done();
        return trigger!;
    }
}
