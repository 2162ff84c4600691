using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>The line at the end of a zone's file (RFC 9636, section 3.3).</summary>
public sealed class Zone_rules_are_read_as_POSIX_has_them
{
    [Theory]
    [InlineData("UTC0", 2026, "01-01 00:00 00:00:00")]
    [InlineData("<+0545>-5:45", 2026, "01-01 00:00 05:45:00")]
    [InlineData("EST5EDT,M3.2.0,M11.1.0", 2026, "03-08 07:00 -04:00:00, 11-01 06:00 -05:00:00")]
    [InlineData("CET-1CEST,M3.5.0,M10.5.0/3", 2026, "03-29 01:00 02:00:00, 10-25 01:00 01:00:00")]
    [InlineData("IST-1GMT0,M10.5.0,M3.5.0/1", 2026, "03-29 01:00 01:00:00, 10-25 01:00 00:00:00")] // winter time is the exception
    [InlineData("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2026, "04-04 15:00 10:30:00, 10-03 15:30 11:00:00")] // the clocks show the next day
    [InlineData("<-04>4<-03>,M9.1.6/24,M4.1.6/24", 2026, "04-05 03:00 -04:00:00, 09-06 04:00 -03:00:00")] // midnight at a day's end
    [InlineData("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, "03-29 01:00 -01:00:00, 10-25 01:00 -02:00:00")] // before midnight
    [InlineData("EET-2EEST,M3.4.4/50,M10.4.4/50", 2026, "03-28 00:00 03:00:00, 10-23 23:00 02:00:00")] // two days on
    [InlineData("XXX3YYY,J60,J300/1:30:30", 2024, "03-01 05:00 -02:00:00, 10-27 03:30 -03:00:00")] // 1 March in a leap year, too
    [InlineData("XXX3YYY,59,299", 2024, "02-29 05:00 -02:00:00, 10-26 04:00 -03:00:00")] // the 60th day, whatever it is
    [InlineData("XXX3YYY,59,299", 2023, "03-01 05:00 -02:00:00, 10-27 04:00 -03:00:00")]
    public void A_year_is(string rule, int year, string changes)
    {
        Assert.True(ZoneRule.TryParse(rule, out var parsed));
        Assert.Equal(changes, string.Join(", ", parsed.Changes(year).Select(x => $"{x.At:MM-dd HH:mm} {x.Offset}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EST")]
    [InlineData("5EST")]
    [InlineData("EST5EDT")]
    [InlineData("EST5EDT,M3.2.0")]
    [InlineData("EST5EDT,M13.2.0,M11.1.0")]
    [InlineData("EST5EDT,M3.6.0,M11.1.0")]
    [InlineData("EST5EDT,M3.2.7,M11.1.0")]
    [InlineData("EST5EDT,M3.2.0,M11.1.0\n")]
    public void Anything_else_is_none(string rule) => Assert.False(ZoneRule.TryParse(rule, out _));
}
