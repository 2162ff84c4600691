namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>What texts count.</summary>
static class TimePeriods
{
    public static readonly TimePeriod Second = new SecondPeriod();
    public static readonly TimePeriod Minute = new MinutePeriod();
    public static readonly TimePeriod Hour = new HourPeriod();
    public static readonly TimePeriod ClockTime = new ClockTimePeriod();
    public static readonly TimePeriod DayOfMonth = new DayOfMonthPeriod();
    public static readonly TimePeriod DayInstance = new DayInstancePeriod();
    public static readonly TimePeriod Weekday = new WeekdayPeriod();
    public static readonly TimePeriod DayOfYear = new DayOfYearPeriod();
    public static readonly TimePeriod WeekOfMonth = new WeekOfMonthPeriod();
    public static readonly TimePeriod WeekOfYear = new WeekOfYearPeriod();
    public static readonly TimePeriod Month = new MonthPeriod();
    public static readonly TimePeriod Year = new YearPeriod();
}
