using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>The fields of an expression as the values they let through (product B2).</summary>
public sealed class Crontab_is_read_as_people_know_it
{
    [Theory]
    [InlineData("5", "5")]
    [InlineData("05", "5")]
    [InlineData("0,30", "0 30")]
    [InlineData("10-13", "10 11 12 13")]
    [InlineData("*/20", "0 20 40")]
    [InlineData("*/60", "0")]
    [InlineData("10-40/15", "10 25 40")]
    [InlineData("5/15", "5 20 35 50")]
    [InlineData("59/5", "59")]
    [InlineData("0-0", "0")]
    [InlineData("1-3,2-5,*/30", "0 1 2 3 4 5 30")]
    public void Of_minutes(string field, string values) => Assert.Equal(values, Show(CronExpression.Parse($"{field} * * * *").Minutes));

    [Theory]
    [InlineData("*/6", "0 6 12 18")]
    [InlineData("9-17/4", "9 13 17")]
    [InlineData("*/24", "0")]
    [InlineData("23", "23")]
    public void Of_hours(string field, string values) => Assert.Equal(values, Show(CronExpression.Parse($"0 {field} * * *").Hours));

    [Theory]
    [InlineData("*/10", "1 11 21 31")]
    [InlineData("1,15", "1 15")]
    [InlineData("25/3", "25 28 31")]
    public void Of_days_of_the_month(string field, string values) => Assert.Equal(values, Show(CronExpression.Parse($"0 0 {field} * *").DaysOfMonth));

    [Theory]
    [InlineData("JAN", "1")]
    [InlineData("jan,Dec", "1 12")]
    [InlineData("MAR-jun", "3 4 5 6")]
    [InlineData("OCT-12", "10 11 12")]
    [InlineData("FEB/4", "2 6 10")]
    [InlineData("*/3", "1 4 7 10")]
    public void Of_months(string field, string values) => Assert.Equal(values, Show(CronExpression.Parse($"0 0 1 {field} *").Months));

    [Theory]
    [InlineData("0", "0")]
    [InlineData("7", "0")]
    [InlineData("0,7", "0")]
    [InlineData("1-5", "1 2 3 4 5")]
    [InlineData("5-7", "0 5 6")]
    [InlineData("0-7", "0 1 2 3 4 5 6")]
    [InlineData("MON-FRI", "1 2 3 4 5")]
    [InlineData("FRI-SUN", "0 5 6")]
    [InlineData("sun-mon", "0 1")]
    [InlineData("SUN-SUN", "0")]
    [InlineData("MON,Wed,5", "1 3 5")]
    [InlineData("*/2", "0 2 4 6")]
    [InlineData("1/2", "0 1 3 5")]
    [InlineData("*/7", "0")]
    [InlineData("3-7/4", "0 3")]
    public void Of_weekdays(string field, string values) => Assert.Equal(values, Show(CronExpression.Parse($"0 0 * * {field}").DaysOfWeek));

    [Theory]
    [InlineData("@hourly", "0 * * * *")]
    [InlineData("@daily", "0 0 * * *")]
    [InlineData("@midnight", "0 0 * * *")]
    [InlineData("@weekly", "0 0 * * 0")]
    [InlineData("@monthly", "0 0 1 * *")]
    [InlineData("@yearly", "0 0 1 1 *")]
    [InlineData("@annually", "0 0 1 1 *")]
    [InlineData(" @Daily\t", "0 0 * * *")]
    [InlineData("\t0   6 *  * * ", "0 6 * * *")]
    [InlineData("0 0 ? * 1", "0 0 * * 1")]
    [InlineData("0 0 1 * ?", "0 0 1 * *")]
    [InlineData("0 0 ? * ?", "0 0 * * *")]
    public void Some_texts_are_others(string text, string same)
    {
        var (one, other) = (CronExpression.Parse(text), CronExpression.Parse(same));
        Assert.Equal(Values(other), Values(one));
        Assert.Equal(text, one.Text);
    }

    [Fact]
    public void Seconds_come_first_where_they_are_asked_for()
    {
        var expression = CronExpression.Parse("*/15 30 9 * * 1-5", seconds: true);
        Assert.Equal(("0 15 30 45", "30", "9"), (Show(expression.Seconds), Show(expression.Minutes), Show(expression.Hours)));
        Assert.Equal("0", Show(CronExpression.Parse("@daily", seconds: true).Seconds));
        Assert.Equal("0", Show(CronExpression.Parse("* * * * *").Seconds));
    }

    [Theory]
    [InlineData("0 0 13 * 5", "2026-02-06 2026-02-13 2026-02-20 2026-02-27 2026-03-06 2026-03-13")] // either
    [InlineData("0 0 */13 * 5", "2026-02-27 2026-03-27 2026-05-01")] // both: a star begins the days
    [InlineData("0 0 13 * */5", "2026-02-13 2026-03-13 2026-09-13")] // both: Sundays and Fridays
    [InlineData("0 0 1-31 * 5", "2026-02-01 2026-02-02 2026-02-03")] // all days are named, and that is not a star
    [InlineData("0 0 31 * *", "2026-03-31 2026-05-31 2026-07-31")]
    [InlineData("0 0 29 2 *", "2028-02-29 2032-02-29 2036-02-29")]
    [InlineData("0 0 30 2 1", "2026-02-02 2026-02-09 2026-02-16 2026-02-23 2027-02-01")] // the 30th never comes, Mondays do
    [InlineData("0 0 29 2 */7", "2032-02-29 2060-02-29 2088-02-29 2128-02-29 2156-02-29")] // a Sunday: 28 years, and 40 over 2100
    public void Days_are_those_of_both_fields_or_of_either(string schedule, string days)
    {
        var expected = days.Split(' ');
        var fires = Given.Calendar(schedule).Between(Given.At("2026-01-31T12:00Z"), CronZone.Latest).Take(expected.Length);
        Assert.Equal(expected, fires.Select(x => x.At.ToString("yyyy-MM-dd", null)));
    }

    static string[] Values(CronExpression x) => [.. new[] { x.Seconds, x.Minutes, x.Hours, x.DaysOfMonth, x.Months, x.DaysOfWeek }.Select(x => $"{Show(x)} {x.Star}")];

    static string Show(CronValues values) => string.Join(' ', values.All());
}
