using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.TextSchedules;

namespace ReactorJobs.Tests.Cron;

/// <summary>Schedules in English: what they mean (semantics 24), in which zone, and what of them is refused.</summary>
public sealed class Texts_name_ranges_of_time
{
    // The first one is printed in the guide to background jobs. 2026-03-06 is a Friday.
    [Theory]
    [InlineData("every day", "2026-03-06 15:30 2026-03-07 00:00 2026-03-08 00:00")]
    [InlineData("every 5 mins", "2026-03-06 15:30 2026-03-06 15:35 2026-03-06 15:40")]
    [InlineData("every 20 mins starting on the 7th min", "2026-03-06 15:47 2026-03-06 16:07 2026-03-06 16:27")]
    [InlineData("at 5:00 pm", "2026-03-06 17:00 2026-03-07 17:00 2026-03-08 17:00")]
    [InlineData("at 10:15 am and 17:45 every weekday", "2026-03-06 17:45 2026-03-09 10:15 2026-03-09 17:45")]
    [InlineData("at 9:00 am on the last day of the month", "2026-03-31 09:00 2026-04-30 09:00 2026-05-31 09:00")]
    [InlineData("on the first day instance on monday at 8:00", "2026-04-06 08:00 2026-05-04 08:00 2026-06-01 08:00")]
    [InlineData("every 2 hours after 6:00 pm before 11:00 pm except on the weekend", null)]
    [InlineData("every 2 hours after 6:00 pm before 11:00 pm except every weekend", "2026-03-06 18:00 2026-03-06 20:00 2026-03-06 22:00")]
    [InlineData("on sunday at 12:00 also on the 1st day of january", "2026-03-08 12:00 2026-03-15 12:00 2026-03-22 12:00")]
    [InlineData("on the 1st day of june through august", "2026-06-01 00:00 2026-07-01 00:00 2026-08-01 00:00")]
    [InlineData("on the 53rd week of the year", "2026-12-28 00:00 2032-12-27 00:00 2037-12-28 00:00")]
    [InlineData("every day in 2025", "")]
    [InlineData("on the 30th day of february", "")]
    public void From_a_moment_on(string text, string? times)
    {
        if (times is null)
            Assert.Throws<CronException>(() => TextSchedule.Parse(text));
        else
            Assert.Equal(times, string.Join(' ', TextSchedule.Parse(text).From(new(2026, 3, 6, 15, 30, 0)).Take(3).Select(x => x.ToString("yyyy-MM-dd HH:mm", null))));
    }

    /// <summary>A second is a range too, and begins with itself.</summary>
    [Fact]
    public void A_fraction_of_a_second_is_inside_of_one() => Assert.Equal(
        ["15:30:00.500", "15:30:15.000", "15:30:30.000"],
        TextSchedule.Parse("every 15 secs").From(new(2026, 3, 6, 15, 30, 0, 500)).Take(3).Select(x => x.ToString("HH:mm:ss.fff", null)));

    // The clocks of New York go from 02:00 to 03:00 on 8 March 2026, and from 02:00 to 01:00 on 1 November.
    [Theory]
    [InlineData("at 2:30 am", "2026-03-07T12:00-05:00", "03-08 03:00-04:00 03-09 02:30-04:00")]
    [InlineData("at 1:30 am", "2026-10-31T12:00-04:00", "11-01 01:30-04:00 11-02 01:30-05:00")]
    [InlineData("every 30 mins", "2026-03-08T01:01-05:00", "03-08 01:30-05:00 03-08 03:00-04:00")]
    [InlineData("every 30 mins", "2026-11-01T01:01-04:00", "11-01 01:30-04:00 11-01 01:00-05:00 11-01 01:30-05:00 11-01 02:00-05:00")]
    [InlineData("at 2:30 am also every 12 hours", "2026-03-07T12:00-05:00", "03-08 00:00-05:00 03-08 03:00-04:00 03-08 12:00-04:00")]
    [InlineData("on the 2 hour", "2026-03-07T12:00-05:00", "03-08 03:00-04:00 03-09 02:00-04:00")]
    [InlineData("every day", "2026-03-07T12:00-05:00", "03-08 00:00-05:00 03-09 00:00-04:00")]
    public void By_the_clocks_of_a_zone(string text, string after, string fires)
    {
        var calendar = new CronCalendar(TextSchedule.Parse(text), Given.Zone("America/New_York"));
        var all = calendar.Between(Given.At(after), DateTimeOffset.MaxValue).Take(fires.Split(' ').Length / 2).ToArray();
        Assert.Equal(fires, string.Join(' ', all.Select(x => Given.Local(x)[5..])));
        Assert.Equal(all.Reverse(), calendar.Backwards(Given.At(after), all[^1].At));
    }

    [Fact]
    public void What_comes_twice_is_inside_of_itself_twice()
    {
        var calendar = new CronCalendar(TextSchedule.Parse("every day also every hour"), Given.Zone("Europe/Berlin"));
        Assert.Equal(["12:30", "12:30", "13:00"], calendar.From(Given.At("2026-03-06T12:30+01:00")).Take(3).Select(x => x.Local.ToString("HH:mm", null)));
    }

    // Places are told from 1.
    [Theory]
    [InlineData("every", "text \"\" at position 6: must be what is counted")]
    [InlineData("every 5 foo", "text \"foo\" at position 9: must be what is counted")]
    [InlineData("every 5 mins ", "text \"\" at position 14: must be every, at, on")]
    [InlineData("At 25:00", "text \"25:00\" at position 4: must be a time")]
    [InlineData("on moonday", "text \"moonday\" at position 4: must be the name of a day")]
    [InlineData("every 5 mins of jul", "text \"jul\" at position 17: must be the name of a month")]
    [InlineData("in 26", "text \"26\" at position 4: must be a year of four digits")]
    [InlineData("every 5 mins also", "text \"also\" at position 14: is followed by no other schedule")]
    [InlineData("every day except on sunday except on monday", "text \"except\" at position 28: stands once")]
    [InlineData("every 5 starting on the 10th minute", "text \"starting\" at position 9: must be what is counted")]
    [InlineData("on the 1-999999999999999 day", "text \"999999999999999\" at position 10: ends a range of too many values; all ranges together may have 2500")]
    [InlineData("every 1 year between 1 and 4000", "text \"4000\" at position 28: ends a range of too many values")]
    public void A_mistake_has_its_place(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<CronException>(() => TextSchedule.Parse(text)).Message, StringComparison.Ordinal);

    /// <summary>However long the search: a text that never comes, seconds that never meet, exceptions over exceptions.</summary>
    [Theory]
    [InlineData("after the 30 sec before the 20 sec")]
    [InlineData("after 30 sec before 20 sec")]
    [InlineData("at 5:00 pm on the 3rd hour")]
    [InlineData("every weekday except on mon - fri")]
    [InlineData("on the 1-2400 day instance on the last day instance on the 40 day")]
    public void No_text_costs_much(string text)
    {
        var many = string.Join(" also ", Enumerable.Repeat(text, (TextSchedule.LongestText + 6) / (text.Length + 6)));
        try
        {
            Assert.Empty(TextSchedule.Parse(text).From(new(2026, 3, 6)));
            Assert.Null(TextSchedule.Parse(many).First(new(2026, 3, 6), DateTime.MaxValue));
        }
        catch (CronException exception)
        {
            Assert.InRange(exception.Position, 1, many.Length);
        }

        Assert.Throws<CronException>(() => TextSchedule.Parse(new string(' ', TextSchedule.LongestText + 1)));
    }

    [Fact]
    public void A_trigger_may_have_one()
    {
        var trigger = Read("""{"text": "  Every 5 MINS\tbetween the 10 and 30 ", "timezone": "Europe/Berlin"}""".Replace("30 ", "30", StringComparison.Ordinal).Replace("\t", " ", StringComparison.Ordinal));
        Assert.Equal("""{"text":"every 5 mins between the 10 and 30","timezone":"Europe/Berlin"}""", trigger.Settings.ToJsonString());
        Assert.Equal(trigger.Settings.ToJsonString(), CronTrigger.Of(trigger.Settings.ToJsonString()).Settings.ToJsonString());
        Assert.Equal("every 5 mins between the 10 and 30", CronDescription.Of(trigger.Schedule));
    }

    [Theory]
    [InlineData("""{"text": "every 5 foo"}""", "/text", "at position 9")]
    [InlineData("""{"text": "on the 30 day of february"}""", "/text", "never comes")]
    [InlineData("""{"text": ""}""", "/text", "never comes")]
    [InlineData("""{"text": null}""", "/text", "must be a string")]
    [InlineData("""{"text": "every day", "schedule": "0 0 * * *"}""", "/text", "is the schedule a second time, beside schedule")]
    [InlineData("""{"text": "every day", "seconds": true}""", "/seconds", "is for schedule")]
    public void A_trigger_with_a_wrong_one_is_refused(string json, string pointer, string detail)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(json)).Problem;
        Assert.Contains(problem.Errors!, x => x.Pointer == pointer && x.Detail.Contains(detail, StringComparison.Ordinal));
    }

    [Fact]
    public void It_is_previewed()
    {
        var preview = PreviewEndpoints.Of(Fields("""{"text": "every 30 mins", "from": "2026-03-06T15:10:00Z", "count": 2, "timezone": "Asia/Kolkata"}"""), Given.At("2026-01-01"));
        Assert.Equal(("every 30 mins", "2026-03-06T21:00:00+05:30", "2026-03-06T21:30:00+05:30"), (preview.Description, preview.Fires[0].Local, preview.Fires[1].Local));
        Assert.Empty(PreviewEndpoints.Of(Fields("""{"text": "on the 30 day of february"}"""), Given.At("2026-01-01")).Fires);
        var problem = Assert.Throws<ProblemException>(() => PreviewEndpoints.Of(Fields("""{"text": "every fortnight"}"""), Given.At("2026-01-01"))).Problem;
        Assert.Equal((400, "invalid_schedule", "/text"), (problem.Status, problem.Code, problem.Errors!.Single().Pointer));
        Assert.Contains("\"fortnight\" at position 7", problem.Errors!.Single().Detail, StringComparison.Ordinal);
    }

    static Fields Fields(string json) => new(JsonDocument.Parse(json).RootElement, "");

    static CronTrigger Read(string json)
    {
        var fields = Fields(json);
        var trigger = CronTrigger.Read(fields);
        fields.Done();
        return trigger!;
    }
}
