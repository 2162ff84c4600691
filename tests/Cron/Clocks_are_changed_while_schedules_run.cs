using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>Semantics 23, with the words that people are told.</summary>
public sealed class Clocks_are_changed_while_schedules_run
{
    const string NewYork = "America/New_York";

    [Theory]
    // New York springs forward from 02:00 to 03:00 on 8 March 2026.
    [InlineData("30 2 * * *", NewYork, "2026-03-07T05:00Z", "2026-03-10T04:00Z", "2026-03-07 02:30-05:00, 2026-03-08 03:00-04:00, 2026-03-09 02:30-04:00")]
    [InlineData("0,30 2 * * *", NewYork, "2026-03-08T05:00Z", "2026-03-09T04:00Z", "2026-03-08 03:00-04:00")] // once
    [InlineData("0 2,3 * * *", NewYork, "2026-03-08T05:00Z", "2026-03-09T04:00Z", "2026-03-08 03:00-04:00")] // once, with its own three o'clock
    [InlineData("59 1 * * *", NewYork, "2026-03-08T05:00Z", "2026-03-09T04:00Z", "2026-03-08 01:59-05:00")]
    [InlineData("0 * * * *", NewYork, "2026-03-08T05:00Z", "2026-03-08T09:00Z", "2026-03-08 00:00-05:00, 2026-03-08 01:00-05:00, 2026-03-08 03:00-04:00, 2026-03-08 04:00-04:00")]
    [InlineData("0 */2 * * *", NewYork, "2026-03-08T05:00Z", "2026-03-08T12:00Z", "2026-03-08 00:00-05:00, 2026-03-08 04:00-04:00, 2026-03-08 06:00-04:00")]
    [InlineData("*/30 2 * * *", NewYork, "2026-03-08T05:00Z", "2026-03-09T04:00Z", "")]
    // And falls back from 02:00 to 01:00 on 1 November 2026.
    [InlineData("30 1 * * *", NewYork, "2026-11-01T04:00Z", "2026-11-02T05:00Z", "2026-11-01 01:30-04:00")]
    [InlineData("0 2 * * *", NewYork, "2026-11-01T04:00Z", "2026-11-02T05:00Z", "2026-11-01 02:00-05:00")]
    [InlineData("0 1,2 * * *", NewYork, "2026-11-01T04:00Z", "2026-11-02T05:00Z", "2026-11-01 01:00-04:00, 2026-11-01 02:00-05:00")]
    [InlineData("30 * * * *", NewYork, "2026-11-01T04:00Z", "2026-11-01T08:00Z", "2026-11-01 00:30-04:00, 2026-11-01 01:30-04:00, 2026-11-01 01:30-05:00, 2026-11-01 02:30-05:00")]
    [InlineData("*/30 1 * * *", NewYork, "2026-11-01T04:00Z", "2026-11-02T05:00Z", "2026-11-01 01:00-04:00, 2026-11-01 01:30-04:00, 2026-11-01 01:00-05:00, 2026-11-01 01:30-05:00")]
    // Santiago has no midnight on 7 September 2025, and has 23:00 to midnight twice on 5 April 2025.
    [InlineData("0 0 * * *", "America/Santiago", "2025-09-06T12:00Z", "2025-09-08T12:00Z", "2025-09-07 01:00-03:00, 2025-09-08 00:00-03:00")]
    [InlineData("30 23 * * *", "America/Santiago", "2025-04-05T12:00Z", "2025-04-07T00:00Z", "2025-04-05 23:30-03:00")]
    [InlineData("0 0 * * 0", "America/Santiago", "2025-09-06T12:00Z", "2025-09-09T12:00Z", "2025-09-07 01:00-03:00")]
    // Asunción did likewise, until it stayed.
    [InlineData("0 0 * * *", "America/Asuncion", "2024-10-05T12:00Z", "2024-10-07T12:00Z", "2024-10-06 01:00-03:00, 2024-10-07 00:00-03:00")]
    [InlineData("0 0 * * *", "America/Asuncion", "2025-10-04T12:00Z", "2025-10-06T12:00Z", "2025-10-05 00:00-03:00, 2025-10-06 00:00-03:00")]
    // Lord Howe goes half an hour, from 02:00 to 02:30 on 5 October 2025 and back on 6 April.
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2025-10-04T12:00Z", "2025-10-05T12:00Z", "2025-10-05 02:30+11:00")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2025-04-05T12:00Z", "2025-04-06T12:00Z", "2025-04-06 01:45+11:00")]
    [InlineData("*/15 1 * * *", "Australia/Lord_Howe", "2025-04-05T12:00Z", "2025-04-06T12:00Z",
        "2025-04-06 01:00+11:00, 2025-04-06 01:15+11:00, 2025-04-06 01:30+11:00, 2025-04-06 01:45+11:00, 2025-04-06 01:30+10:30, 2025-04-06 01:45+10:30")]
    // Casablanca leaves summer time for Ramadan: on 23 February 2025 from 03:00 to 02:00, and again forward on 6 April.
    [InlineData("30 2 * * *", "Africa/Casablanca", "2025-02-22T12:00Z", "2025-02-24T12:00Z", "2025-02-23 02:30+01:00, 2025-02-24 02:30+00:00")]
    [InlineData("30 2 * * *", "Africa/Casablanca", "2025-04-05T12:00Z", "2025-04-07T12:00Z", "2025-04-06 03:00+01:00, 2025-04-07 02:30+01:00")]
    // Apia had no 30 December 2011.
    [InlineData("0 9 * * *", "Pacific/Apia", "2011-12-29T10:00Z", "2012-01-01T10:00Z", "2011-12-29 09:00-10:00, 2011-12-31 00:00+14:00, 2011-12-31 09:00+14:00, 2012-01-01 09:00+14:00")]
    [InlineData("0 9,17 30 12 *", "Pacific/Apia", "2011-12-01T10:00Z", "2012-12-01T10:00Z", "2011-12-31 00:00+14:00")]
    [InlineData("0 */12 * * *", "Pacific/Apia", "2011-12-29T10:00Z", "2011-12-31T10:00Z", "2011-12-29 00:00-10:00, 2011-12-29 12:00-10:00, 2011-12-31 00:00+14:00, 2011-12-31 12:00+14:00")]
    // Dublin's summer time is its standard time.
    [InlineData("30 1 * * *", "Europe/Dublin", "2026-03-28T12:00Z", "2026-03-30T12:00Z", "2026-03-29 02:00+01:00, 2026-03-30 01:30+01:00")]
    [InlineData("30 1 * * *", "Europe/Dublin", "2026-10-24T12:00Z", "2026-10-26T12:00Z", "2026-10-25 01:30+01:00, 2026-10-26 01:30+00:00")]
    // Caracas went half an hour forward for good on 1 May 2016, at 02:30.
    [InlineData("45 2 * * *", "America/Caracas", "2016-04-30T12:00Z", "2016-05-02T12:00Z", "2016-05-01 03:00-04:00, 2016-05-02 02:45-04:00")]
    public void A_schedule_fires(string schedule, string zone, string from, string before, string fires) =>
        Assert.Equal(fires.Split(", ", StringSplitOptions.RemoveEmptyEntries), Given.Fires(schedule, zone, from, before));

    [Theory]
    [InlineData("30 2 * * *", "2026-03-08T05:00Z", "moved: 2026-03-08 02:30 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    [InlineData("0,30 2 * * *", "2026-03-08T05:00Z", "moved: 2026-03-08 02:00 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    [InlineData("*/15 * * * *", "2026-03-08T06:45:01Z", "left out before this: 2026-03-08 02:00 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    [InlineData("*/15 * * * *", "2026-03-08T07:00:01Z", null)]
    [InlineData("*/30 2 * * *", "2026-03-08T05:00Z", "left out before this: 2026-03-08 02:00 does not exist, the clocks go forward from 2026-03-08 02:00 to 03:00")]
    [InlineData("0 3 * * *", "2026-03-08T05:00Z", null)]
    [InlineData("30 1 * * *", "2026-11-01T04:00Z", "2026-11-01 01:30 comes twice, the clocks go back from 2026-11-01 02:00 to 01:00; only this first one counts")]
    [InlineData("30 * * * *", "2026-11-01T05:00Z", null)]
    [InlineData("30 * * * *", "2026-11-01T06:00Z", "2026-11-01 01:30 comes twice, the clocks go back from 2026-11-01 02:00 to 01:00; this is the second one")]
    [InlineData("30 * * * *", "2026-11-01T07:00Z", null)]
    public void And_the_first_one_has_a_note(string schedule, string from, string? note) =>
        Assert.Equal(note, Given.Calendar(schedule, NewYork).Next(Given.At(from).AddTicks(-1))!.Value.Note);

    [Fact]
    public void A_lost_day_is_told_by_its_dates() => Assert.Equal(
        "moved: 2011-12-30 09:00 does not exist, the clocks go forward from 2011-12-30 00:00 to 2011-12-31 00:00",
        Given.InTime("0 9 30 12 *", "Pacific/Apia", "2011-12-29T10:00Z", "2012-01-01T10:00Z").Single().Note);

    [Fact]
    public void Seconds_go_with_the_clocks_when_one_of_the_fields_does()
    {
        var gap = Given.At("2026-03-08T07:00Z");
        Assert.Equal(gap, Given.Calendar("15 30 2 * * *", NewYork, seconds: true).Next(gap.AddHours(-1))!.Value.At);
        Assert.Equal(gap.AddDays(1).AddMinutes(-30), Given.Calendar("*/15 30 2 * * *", NewYork, seconds: true).Next(gap.AddHours(-1))!.Value.At);
        Assert.Equal(gap.AddDays(1).AddMinutes(-30).AddSeconds(15), Given.Calendar("*/15 30 2 * * *", NewYork, seconds: true).Next(gap.AddDays(1).AddMinutes(-30))!.Value.At);
    }
}
