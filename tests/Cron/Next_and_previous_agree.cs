using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>What must hold of any schedule, anywhere, at any time.</summary>
public sealed class Next_and_previous_agree
{
    static readonly string[] Zones = ["UTC", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Europe/Dublin", "Asia/Kathmandu"];

    /// <summary>29 February on one weekday, over a year such as 2100 that is no leap year.</summary>
    static readonly TimeSpan LongestPause = TimeSpan.FromDays(40 * 366);

    static readonly Gen<(CronCalendar Calendar, DateTimeOffset At)> Cases =
        from zone in Gen.Elements(Zones)
        from text in Gen.OneOf(Expressions.Text.Select(x => (x, false)), Expressions.WithSeconds.Select(x => (x, true)))
        from second in Gen.Choose(0, int.MaxValue)
        select (Given.Calendar(text.x, zone, text.Item2), DateTimeOffset.UnixEpoch.AddSeconds(second * 1.8).AddTicks(second % 3 - 1));

    [Fact]
    public void The_next_one_comes_after_and_nothing_is_between() => Check((calendar, at) =>
    {
        if (calendar.Next(at) is not { } next)
            return at > CronZone.Latest - LongestPause;
        return next.At > at && calendar.Previous(next.At) is var before && (before is null || before.Value.At <= at)
            && calendar.Previous(next.At.AddTicks(1)) == next && calendar.Next(next.At.AddTicks(-1)) == next;
    });

    [Fact]
    public void The_previous_one_comes_before_and_nothing_is_between() => Check((calendar, at) =>
    {
        if (calendar.Previous(at) is not { } previous)
            return at < CronZone.Earliest + LongestPause;
        return previous.At < at && calendar.Next(previous.At) is var after && (after is null || after.Value.At >= at) && calendar.Next(previous.At.AddTicks(-1)) == previous;
    });

    [Fact]
    public void A_stretch_is_the_same_in_both_directions_and_in_parts() => Check((calendar, at) =>
    {
        var all = calendar.Between(at, at.AddDays(400)).Take(300).ToArray();
        if (all.Length == 0)
            return true;
        var (until, middle) = (all[^1].At, all[all.Length / 2].At);
        return calendar.Backwards(at, until).Reverse().SequenceEqual(all)
            && calendar.Between(at, middle).Concat(calendar.Between(middle, until)).SequenceEqual(all)
            && all.Zip(all.Skip(1)).All(x => x.First.At < x.Second.At);
    });

    [Fact]
    public void Local_times_are_those_that_the_fields_name() => Check((calendar, at) =>
        calendar.Next(at) is not { } fire || fire.Change?.Effect == ClockEffect.Moved
        || (calendar.Times is CronExpression expression && expression.Hours.Has(fire.Local.Hour) && expression.Minutes.Has(fire.Local.Minute)
            && expression.Seconds.Has(fire.Local.Second) && expression.Months.Has(fire.Local.Month)));

    [Fact]
    public void The_calendar_ends_without_a_sound()
    {
        var calendar = Given.Calendar("* * * * *", "America/New_York");
        Assert.Equal(CronZone.Latest.AddMinutes(-1), calendar.Previous(DateTimeOffset.MaxValue)!.Value.At.UtcDateTime);
        Assert.Equal(CronZone.Earliest, calendar.Next(DateTimeOffset.MinValue)!.Value.At.UtcDateTime);
        Assert.Null(calendar.Next(CronZone.Latest.AddMinutes(-1)));
        Assert.Null(calendar.Next(DateTimeOffset.MaxValue));
        Assert.Null(calendar.Previous(CronZone.Earliest));
        Assert.Null(calendar.Previous(DateTimeOffset.MinValue));
        Assert.Empty(calendar.Between(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue));
        Assert.Equal(CronZone.Latest.AddMinutes(-1), calendar.Backwards(CronZone.Earliest, DateTimeOffset.MaxValue).First().At.UtcDateTime);
    }

    static void Check(Func<CronCalendar, DateTimeOffset, bool> holds) =>
        Prop.ForAll(Cases.ToArbitrary(), x => holds(x.Calendar, x.At).Label($"{x.Calendar.Times.Text} in {x.Calendar.Zone.Id} from {x.At:O}")).Check(Expressions.Config.WithMaxTest(2000));
}
