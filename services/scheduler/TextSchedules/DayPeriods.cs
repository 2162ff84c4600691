namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>What is a day long.</summary>
abstract class DayPeriod : TimePeriod
{
    public override long Seconds => 86_400;

    public override int First => 1;

    public override bool EmptyIsLast => true;

    public override DateTime Start(DateTime at) => at.Date;

    public override DateTime End(DateTime at) => at.Date.AddSeconds(86_399);
}

/// <summary>Days of a month.</summary>
sealed class DayOfMonthPeriod : DayPeriod
{
    public override int Last => 31;

    public override bool LastDiffers => true;

    public override int Value(DateTime at) => at.Day;

    public override (int Least, int Most) Extent(DateTime at) => (1, DaysIn(at));

    public override DateTime? Next(DateTime at, int value)
    {
        // A day that this month lacks is looked for from the first of the next one on.
        var day = value > DaysIn(at) ? 1 : value;
        var month = MonthOf(at).AddMonths(IsBehind(at, day) ? 1 : 0);
        var most = DaysIn(month);
        return month.AddDays((day > most ? 1 : day == 0 ? most : day) - 1);
    }
}

/// <summary>Days of a week, Sunday being 1.</summary>
sealed class WeekdayPeriod : DayPeriod
{
    public override int Last => 7;

    public override int Value(DateTime at) => WeekdayOf(at);

    public override DateTime? Next(DateTime at, int value)
    {
        var weekday = value > Last ? 1 : value == 0 ? Last : value;
        return at.Date.AddDays(weekday - WeekdayOf(at) + (weekday <= WeekdayOf(at) ? 7 : 0));
    }
}

/// <summary>Days of a year.</summary>
sealed class DayOfYearPeriod : DayPeriod
{
    public override int Last => 366;

    public override bool LastDiffers => true;

    public override int Value(DateTime at) => at.DayOfYear;

    public override (int Least, int Most) Extent(DateTime at) => (1, DaysOf(at.Year));

    public override DateTime? Next(DateTime at, int value)
    {
        var day = value > DaysOf(at.Year) ? 1 : value;
        var year = at.Year + (IsBehind(at, day) ? 1 : 0);
        var most = DaysOf(year);
        return new DateTime(year, 1, 1).AddDays((day > most ? 1 : day == 0 ? most : day) - 1);
    }

    static int DaysOf(int year) => DateTime.IsLeapYear(year) ? 366 : 365;
}

/// <summary>
/// Which of the same weekdays of a month a day is (<c>day instance</c>): the 1st to the 7th are the first ones. 0 is the last one, the last seven
/// days of the month, whatever number these have besides.
/// </summary>
sealed class DayInstancePeriod : TimePeriod
{
    public override long Seconds => 604_800;

    public override int First => 1;

    public override int Last => 5;

    public override bool LastDiffers => true;

    public override int Value(DateTime at) => (at.Day - 1) / 7 + 1;

    public override (int Least, int Most) Extent(DateTime at) => (1, (DaysIn(at) + 6) / 7);

    public override DateTime Start(DateTime at) => MonthOf(at).AddDays((Value(at) - 1) * 7);

    public override DateTime End(DateTime at) => MonthOf(at).AddDays(Math.Min(Value(at) * 7, DaysIn(at))).AddSeconds(-1);

    public override bool Is(DateTime at, int value) => Value(at) == value || (value == 0 && at.Day > DaysIn(at) - 7);

    public override DateTime? Next(DateTime at, int value)
    {
        var instance = value > Extent(at).Most ? 1 : value;
        var month = MonthOf(at).AddMonths(IsBehind(at, instance) ? 1 : 0);
        instance = instance > Extent(month).Most ? 1 : instance;
        var next = In(month, instance);
        return next > at ? next : In(MonthOf(at).AddMonths(1), instance);
    }

    static DateTime In(DateTime month, int instance) => month.AddDays(instance == 0 ? DaysIn(month) - 7 : (instance - 1) * 7);
}
