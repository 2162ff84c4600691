using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

public sealed class Schedules_are_told_in_words
{
    [Theory]
    // Those of the guides.
    [InlineData("* * * * *", "every minute")]
    [InlineData("*/15 * * * *", "every 15 minutes")]
    [InlineData("0 * * * *", "every hour")]
    [InlineData("0 6 * * *", "every day at 06:00")]
    [InlineData("0 0 * * *", "every day at 00:00")]
    [InlineData("0 9 * * 1-5", "every weekday at 09:00")]
    [InlineData("0 0 1 * *", "on the 1st of every month at 00:00")]
    [InlineData("0 */6 * * *", "every 6 hours")]
    [InlineData("0 */4 * * *", "every 4 hours")]
    // Times.
    [InlineData("@hourly", "every hour")]
    [InlineData("5 * * * *", "every hour at minute 5")]
    [InlineData("5,20 * * * *", "every hour at minutes 5 and 20")]
    [InlineData("*/7 * * * *", "every hour at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56")]
    [InlineData("0,15,30,45 * * * *", "every 15 minutes")]
    [InlineData("5/15 * * * *", "every hour at minutes 5, 20, 35 and 50")]
    [InlineData("0 */12 * * *", "every day at 00:00 and 12:00")]
    [InlineData("10 */2 * * *", "every 2 hours at minute 10")]
    [InlineData("*/10 */2 * * *", "every 10 minutes of hours 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20 and 22")]
    [InlineData("*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45")]
    [InlineData("* 9 * * *", "every minute from 09:00 to 09:59")]
    [InlineData("30 9-17 * * *", "every hour at minute 30 from 09:30 to 17:30")]
    [InlineData("0 9-17 * * *", "every hour from 09:00 to 17:00")]
    [InlineData("0,30 9,17 * * *", "every day at 09:00, 09:30, 17:00 and 17:30")]
    [InlineData("1-5 9,17 * * *", "at minutes 1 to 5 of hours 9 and 17")]
    [InlineData("0 1,3,5,9,17 * * *", "at minute 0 of hours 1, 3, 5, 9 and 17")]
    // Days.
    [InlineData("0 0 * * 0", "every Sunday at 00:00")]
    [InlineData("0 0 * * SAT,SUN", "every Saturday and Sunday at 00:00")]
    [InlineData("0 0 * * 1,3", "every Monday and Wednesday at 00:00")]
    [InlineData("0 0 1,15 * *", "on the 1st and 15th of every month at 00:00")]
    [InlineData("0 0 1-7 * *", "on days 1 to 7 of every month at 00:00")]
    [InlineData("0 0 2,3,11,22 * *", "on days 2, 3, 11 and 22 of every month at 00:00")]
    [InlineData("0 0 2,11,22 * *", "on the 2nd, 11th and 22nd of every month at 00:00")]
    [InlineData("@yearly", "on the 1st of January at 00:00")]
    [InlineData("0 0 29 2 *", "on the 29th of February at 00:00")]
    [InlineData("0 12 * 1,7 *", "every day in January and July at 12:00")]
    [InlineData("0 12 * JUN-AUG MON", "every Monday in June, July and August at 12:00")]
    [InlineData("0 0 13 * 5", "on the 13th of every month and every Friday at 00:00")]
    [InlineData("0 0 13 6 5", "on the 13th of June and every Friday in June at 00:00")]
    [InlineData("0 0 */15 * 1", "every Monday that is the 1st, 16th or 31st of every month at 00:00")]
    [InlineData("0 0 1-31 * 1", "every day at 00:00")]
    // Both.
    [InlineData("*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45 on weekdays")]
    [InlineData("*/5 * * * 1,4", "every 5 minutes on Mondays and Thursdays")]
    [InlineData("0 * 1 * *", "every hour on the 1st of every month")]
    [InlineData("0 * * 2 *", "every hour in February")]
    [InlineData("0 * 13 * 5", "every hour on the 13th of every month and on Fridays")]
    [InlineData("0 * */15 2 1", "every hour on Mondays that are the 1st, 16th or 31st of February")]
    public void As(string schedule, string words) => Assert.Equal(words, CronDescription.Of(CronExpression.Parse(schedule)));

    [Theory]
    [InlineData("* * * * * *", "every second")]
    [InlineData("*/10 * * * * *", "every 10 seconds")]
    [InlineData("5 * * * * *", "every minute, at second 5")]
    [InlineData("0 */5 * * * *", "every 5 minutes")]
    [InlineData("30 */5 * * * *", "every 5 minutes, at second 30")]
    [InlineData("* */5 * * * *", "every 5 minutes, every second of that minute")]
    [InlineData("*/20 0 * * * *", "every hour, every 20 seconds of that minute")]
    [InlineData("30 0 9 * * 1-5", "every weekday at 09:00:30")]
    [InlineData("* 30 2 * * *", "at minute 30 of hour 2, every second of that minute")]
    public void With_seconds(string schedule, string words) => Assert.Equal(words, CronDescription.Of(CronExpression.Parse(schedule, seconds: true)));

    [Theory]
    [InlineData("America/New_York", "every weekday at 09:00, New York")]
    [InlineData("America/Argentina/Buenos_Aires", "every weekday at 09:00, Buenos Aires")]
    [InlineData("UTC", "every weekday at 09:00, UTC")]
    [InlineData("Etc/GMT+5", "every weekday at 09:00, Etc/GMT+5")]
    [InlineData("CET", "every weekday at 09:00, CET")]
    public void With_their_place(string zone, string words) => Assert.Equal(words, CronDescription.Of(Given.Calendar("0 9 * * 1-5", zone)));

    /// <summary>The words are all that the fields say: nothing that differs is told alike.</summary>
    [Fact]
    public void Different_schedules_have_different_words()
    {
        var told = new Dictionary<string, (string Text, string Values)>();
        void Tell(string text, bool seconds)
        {
            var expression = CronExpression.Parse(text, seconds);
            var words = CronDescription.Of(expression);
            var values = Values(expression);
            if (!told.TryAdd(words, (text, values)))
                Assert.True(told[words].Values == values, $"\"{text}\" and \"{told[words].Text}\" are both \"{words}\"");
        }

        Prop.ForAll(Expressions.Text.ToArbitrary(), text => Tell(text, seconds: false)).Check(Expressions.Config.WithMaxTest(5_000));
        Prop.ForAll(Expressions.WithSeconds.ToArbitrary(), text => Tell(text, seconds: true)).Check(Expressions.Config.WithMaxTest(5_000));
        // Simple ones meet more often.
        foreach (var minute in new[] { "*", "0", "5", "0,30", "*/30", "0-3", "*/6", "1-5" })
            foreach (var hour in new[] { "*", "0", "5", "0,12", "*/12", "0-3", "*/6", "1-5" })
                foreach (var day in new[] { "*", "1", "1-5", "*/2", "*/15", "1-31" })
                    foreach (var month in new[] { "*", "1", "1,2" })
                        foreach (var weekday in new[] { "*", "0", "1-5", "*/2", "0-6" })
                            Tell($"{minute} {hour} {day} {month} {weekday}", seconds: false);
        Assert.True(told.Count > 5_000, $"{told.Count} different ones were told.");
    }

    /// <summary>What decides when it fires, but for changes of the clocks; all days are all days, however they are written.</summary>
    static string Values(CronExpression x)
    {
        var (allDays, allWeekdays) = (x.DaysOfMonth.Count == 31, x.DaysOfWeek.Count == 7);
        var days = x.EitherDay && (allDays || allWeekdays) ? "all" : $"{x.DaysOfMonth.Bits:x} {x.DaysOfWeek.Bits:x} {x.EitherDay && !allDays && !allWeekdays}";
        days = allDays && allWeekdays ? "all" : days;
        return $"{x.Seconds.Bits:x} {x.Minutes.Bits:x} {x.Hours.Bits:x} {x.Months.Bits:x} {days}";
    }
}
