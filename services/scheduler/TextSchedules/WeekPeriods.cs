using System.Globalization;

namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>Weeks of a month: from Sunday to Saturday, cut off where the month begins and ends.</summary>
sealed class WeekOfMonthPeriod : TimePeriod
{
    public override long Seconds => 604_800;

    public override int First => 1;

    // What "every week" goes up to, though a month of 31 days may have parts of six.
    public override int Last => 5;

    public override int Most => 6;

    public override bool LastDiffers => true;

    public override bool EmptyIsLast => true;

    public override int Value(DateTime at) => (at.Day + WeekdayOf(MonthOf(at)) - 2) / 7 + 1;

    public override (int Least, int Most) Extent(DateTime at) => (1, Value(EndOfMonth(at)));

    public override DateTime Start(DateTime at) => MonthOf(at).AddDays(Math.Max(at.Day - WeekdayOf(at), 0));

    public override DateTime End(DateTime at) => MonthOf(at).AddDays(Math.Min(at.Day + 7 - WeekdayOf(at), DaysIn(at))).AddSeconds(-1);

    public override DateTime? Next(DateTime at, int value)
    {
        var week = value > Extent(at).Most ? 1 : value;
        var month = MonthOf(at).AddMonths(IsBehind(at, week) ? 1 : 0);
        var most = Extent(month).Most;
        week = week > most ? 1 : week == 0 ? most : week;
        return month.AddDays(Math.Max((week - 1) * 7 - WeekdayOf(month) + 1, 0));
    }
}

/// <summary>Weeks of a year as ISO 8601 has them: from Monday to Sunday, the first being that of the year's first Thursday.</summary>
sealed class WeekOfYearPeriod : TimePeriod
{
    public override long Seconds => 604_800;

    public override int First => 1;

    public override int Last => 53;

    public override bool LastDiffers => true;

    public override bool EmptyIsLast => true;

    public override int Value(DateTime at) => ISOWeek.GetWeekOfYear(at);

    public override (int Least, int Most) Extent(DateTime at) => (1, ISOWeek.GetWeeksInYear(ISOWeek.GetYear(at)));

    public override DateTime Start(DateTime at) => at.Date.AddDays(-(((int)at.DayOfWeek + 6) % 7));

    public override DateTime End(DateTime at) => Start(at).AddDays(7).AddSeconds(-1);

    public override DateTime? Next(DateTime at, int value)
    {
        var week = value > Extent(at).Most ? 1 : value;
        var first = ISOWeek.ToDateTime(ISOWeek.GetYear(at) + (IsBehind(at, week) ? 1 : 0), 1, DayOfWeek.Monday);
        var most = Extent(first).Most;
        return first.AddDays(7 * ((week > most ? 1 : week == 0 ? most : week) - 1));
    }
}

/// <summary>Months of a year.</summary>
sealed class MonthPeriod : TimePeriod
{
    public override long Seconds => 2_629_740;

    public override int First => 1;

    public override int Last => 12;

    public override bool EmptyIsLast => true;

    public override int Value(DateTime at) => at.Month;

    public override DateTime Start(DateTime at) => MonthOf(at);

    public override DateTime End(DateTime at) => EndOfMonth(at);

    public override DateTime? Next(DateTime at, int value)
    {
        var month = value > Last ? 1 : value == 0 ? Last : value;
        return new(at.Year + (month > at.Month ? 0 : 1), month, 1);
    }
}

/// <summary>Years, up to the last one that texts know.</summary>
sealed class YearPeriod : TimePeriod
{
    public override long Seconds => 31_556_900;

    public override int First => 1970;

    // The values of "every" and "last" go on after the years have ended.
    public override int Last => 2450;

    public override int Most => TextSchedule.End.Year - 1;

    public override int Value(DateTime at) => at.Year;

    public override (int Least, int Most) Extent(DateTime at) => (First, Most);

    public override DateTime Start(DateTime at) => new(at.Year, 1, 1);

    public override DateTime End(DateTime at) => new(at.Year, 12, 31, 23, 59, 59);

    public override DateTime? Next(DateTime at, int value) => value > at.Year && value <= Most ? new(value, 1, 1) : null;
}
