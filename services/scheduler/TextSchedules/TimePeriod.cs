namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>
/// What a text counts: minutes of an hour, days of a month, weeks of a year. Times are local ones in whole seconds; a value is a number that
/// people say, the first day of a month being 1.
/// </summary>
abstract class TimePeriod
{
    /// <summary>How long one of them takes, a month and a year on average: the order in which a search asks for them.</summary>
    public abstract long Seconds { get; }

    /// <summary>The first value that <c>every</c> and <c>first</c> take.</summary>
    public abstract int First { get; }

    /// <summary>The last value that <c>every</c> takes.</summary>
    public abstract int Last { get; }

    /// <summary>The greatest value that there ever is.</summary>
    public virtual int Most => Last;

    /// <summary>Whether the last one has not always the same number, and is 0 where a text says <c>last</c>.</summary>
    public virtual bool LastDiffers => false;

    /// <summary>Whether a list without values, which is what a range from more to less comes to, means the last one; elsewhere it means none.</summary>
    public virtual bool EmptyIsLast => false;

    /// <summary>Whether it divides a day.</summary>
    public virtual bool DividesDays => false;

    public abstract int Value(DateTime at);

    /// <summary>From which value to which one they go at a time.</summary>
    public virtual (int Least, int Most) Extent(DateTime at) => (First, Last);

    /// <summary>The first moment of the one that holds a time.</summary>
    public virtual DateTime Start(DateTime at) => at;

    /// <summary>The last second of the one that holds a time.</summary>
    public virtual DateTime End(DateTime at) => at;

    public virtual bool Is(DateTime at, int value) => Value(at) == (value == 0 && EmptyIsLast ? Extent(at).Most : value);

    /// <summary>Where the next one with a value begins; none where there is no more.</summary>
    public abstract DateTime? Next(DateTime at, int value);

    protected static DateTime MonthOf(DateTime at) => new(at.Year, at.Month, 1);

    protected static DateTime EndOfMonth(DateTime at) => MonthOf(at).AddMonths(1).AddSeconds(-1);

    protected static int DaysIn(DateTime at) => DateTime.DaysInMonth(at.Year, at.Month);

    /// <summary>From 1 for Sunday to 7.</summary>
    protected static int WeekdayOf(DateTime at) => (int)at.DayOfWeek + 1;

    /// <summary>Whether a value is behind, so that it comes again only in the next whole: the next month for a day, the next year for a week.</summary>
    protected bool IsBehind(DateTime at, int value)
    {
        var most = Extent(at).Most;
        return (value == 0 ? most : value) <= Value(at) || value > most;
    }
}
