using FsCheck;
using FsCheck.Fluent;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>The field, the text, where it is, and what is allowed.</summary>
public sealed class Mistakes_in_a_schedule_are_named
{
    [Theory]
    [InlineData("60 * * * *", "minute \"60\" at position 1: must be from 0 to 59")]
    [InlineData("* 24 * * *", "hour \"24\" at position 3: must be from 0 to 23")]
    [InlineData("* * 0 * *", "day of month \"0\" at position 5: must be from 1 to 31")]
    [InlineData("* * 32 * *", "day of month \"32\" at position 5: must be from 1 to 31")]
    [InlineData("* * * 13 *", "month \"13\" at position 7: must be from 1 to 12, or JAN to DEC")]
    [InlineData("* * * * 8", "day of week \"8\" at position 9: must be from 0 to 7, or SUN to SAT")]
    [InlineData("* * * * 1,8", "day of week \"8\" at position 11: must be")]
    [InlineData("1000000000000000000000 * * * *", "minute \"1000000000000000000000\" at position 1: must be from")]
    [InlineData("-1 * * * *", "minute \"-1\" at position 1: a value is missing; must be from 0 to 59")]
    [InlineData("1- * * * *", "minute \"1-\" at position 1: a value is missing")]
    [InlineData("1-2-3 * * * *", "minute \"2-3\" at position 3: is no value")]
    [InlineData("a * * * *", "minute \"a\" at position 1: is no value; must be from 0 to 59")]
    [InlineData("1.5 * * * *", "minute \"1.5\" at position 1: is no value")]
    [InlineData("١ * * * *", "minute \"١\" at position 1: is no value")]
    [InlineData("*5 * * * *", "minute \"*5\" at position 1: is no value")]
    [InlineData("0 MON * * *", "hour \"MON\" at position 3: is no value; must be from 0 to 23")]
    [InlineData("0 0 * * MONDAY", "day of week \"MONDAY\" at position 9: is no value; must be from 0 to 7, or SUN to SAT; did you mean MON?")]
    [InlineData("0 0 1 jam *", "month \"jam\" at position 7: is no value; must be from 1 to 12, or JAN to DEC; did you mean JAN?")]
    [InlineData("0 22-2 * * *", "hour \"22-2\" at position 3: a range goes upwards; write 22-23,0-2")]
    [InlineData("0 0 * * 5-0", "day of week \"5-0\" at position 9: a range goes upwards; write 5-6,0")]
    [InlineData("0 0 * * SAT-MON", "day of week \"SAT-MON\" at position 9: a range goes upwards; write 6,0-1")]
    [InlineData("0 0 1 NOV-FEB *", "month \"NOV-FEB\" at position 7: a range goes upwards; write 11-12,1-2")]
    [InlineData("*/0 * * * *", "minute \"*/0\" at position 1: a step must be a number from 1 to 60")]
    [InlineData("*/90 * * * *", "minute \"*/90\" at position 1: a step must be a number from 1 to 60")]
    [InlineData("0 */25 * * *", "hour \"*/25\" at position 3: a step must be a number from 1 to 24")]
    [InlineData("*/ * * * *", "minute \"*/\" at position 1: a step must be")]
    [InlineData("*/-5 * * * *", "minute \"*/-5\" at position 1: a step must be")]
    [InlineData("*//5 * * * *", "minute \"*//5\" at position 1: a step must be")]
    [InlineData("/5 * * * *", "minute \"/5\" at position 1: a value is missing")]
    [InlineData("1,,2 * * * *", "minute \"1,,2\" at position 1: a comma stands between two values")]
    [InlineData("1, * * * *", "minute \"1,\" at position 1: a comma stands")]
    [InlineData(", * * * *", "minute \",\" at position 1: a comma stands")]
    [InlineData("? * * * *", "minute \"?\" at position 1: ? is for the day of month or the day of week; write *")]
    [InlineData("0 0 ?,1 * *", "day of month \"?\" at position 5: ? stands alone, and means any day")]
    [InlineData("0 0 L * *", "day of month \"L\" at position 5: L, W and # are not taken: crontab has no last day, nearest weekday or nth weekday")]
    [InlineData("0 0 L-3 * *", "day of month \"L-3\" at position 5: L, W and # are not taken")]
    [InlineData("0 0 15W * *", "day of month \"15W\" at position 5: L, W and # are not taken")]
    [InlineData("0 0 * * 5L", "day of week \"5L\" at position 9: L, W and # are not taken")]
    [InlineData("0 0 * * MON#2", "day of week \"MON#2\" at position 9: L, W and # are not taken")]
    [InlineData("", "schedule \"\" at position 1: is empty; it has 5 fields: minute, hour, day of month, month, day of week")]
    [InlineData(" \t ", "schedule \" \\u0009 \" at position 1: is empty")]
    [InlineData("0 0 * *", "day of week \"\" at position 8: is missing: of 5 fields (minute, hour, day of month, month, day of week) there are 4")]
    [InlineData("5", "hour \"\" at position 2: is missing: of 5 fields")]
    [InlineData("0 0 0 * * *", "schedule \"*\" at position 11: is too much: there are 5 fields (minute, hour, day of month, month, day of week); where the first one is seconds, set seconds to true")]
    [InlineData("0 0 * * * /bin/x --all", "schedule \"/bin/x --all\" at position 11: is too much: there are 5 fields")]
    [InlineData("0 0\n* * * *", "hour \"0\\u000A*\" at position 3: is no value")]
    [InlineData("CRON_TZ=Asia/Tokyo 0 6 * * *", "schedule \"CRON_TZ=Asia/Tokyo\" at position 1: a time zone has a field of its own: timezone")]
    [InlineData("@reboot", "schedule \"@reboot\" at position 1: there is no time at which everything starts")]
    [InlineData("@every 5m", "schedule \"@every 5m\" at position 1: write the times: */5 * * * * is every five minutes")]
    [InlineData("@dayly", "schedule \"@dayly\" at position 1: must be one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually")]
    [InlineData("@daily 5", "schedule \"@daily 5\" at position 1: stands alone")]
    [InlineData("0 0 30 2 *", "day of month \"30\" at position 5: never comes: the months it names have at most 29 days")]
    [InlineData("0 0 31 4,6,9,11 *", "day of month \"31\" at position 5: never comes: the months it names have at most 30 days")]
    [InlineData("0 0 30-31 FEB *", "day of month \"30-31\" at position 5: never comes")]
    [InlineData("0 0 30 2 */2", "day of month \"30\" at position 5: never comes")]
    public void In(string text, string message)
    {
        var mistake = Assert.Throws<CronException>(() => CronExpression.Parse(text));
        Assert.StartsWith(message, mistake.Message, StringComparison.Ordinal);
        Assert.Equal(mistake.Text, text.Substring(mistake.Position - 1, mistake.Text.Length));
    }

    [Theory]
    [InlineData("* * * * *", "day of week \"\" at position 10: is missing: of 6 fields (second, minute, hour, day of month, month, day of week) there are 5")]
    [InlineData("60 * * * * *", "second \"60\" at position 1: must be from 0 to 59")]
    [InlineData("0 0 0 30 2 *", "day of month \"30\" at position 7: never comes")]
    [InlineData("0 0 0 1 1 * 2027", "schedule \"2027\" at position 13: is too much: there are 6 fields")]
    public void With_seconds_in(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<CronException>(() => CronExpression.Parse(text, seconds: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_text_is_not_read()
    {
        var text = new string('1', CronExpression.LongestText + 1);
        Assert.Equal($"schedule \"{text[..40]}…\" at position 1: must have at most 512 characters", Assert.Throws<CronException>(() => CronExpression.Parse(text)).Message);
        Assert.Equal(60, CronExpression.Parse($"{string.Join(',', Enumerable.Range(0, 60))} * * * *").Minutes.Count);
    }

    /// <summary>Nothing but the one exception, with a place in the text, whatever the text is.</summary>
    [Fact]
    public void In_any_text()
    {
        var pieces = Gen.Elements("*", "*/", "0", "7", "12", "31", "60", "99999999999", "-", ",", "/", "?", " ", "  ", "\t", "\n", "MON", "sun", "JAN", "L", "W", "#", "@", "@daily", "=", "\0", "é", "\ud83d", "😀", "١");
        var texts = Gen.OneOf(
            pieces.ListOf().Select(string.Concat),
            pieces.ListOf(9).Select(string.Concat),
            pieces.ArrayOf(5).Select(x => string.Join(' ', x)),
            Random(Expressions.Text),
            ArbMap.Default.GeneratorFor<string>().Select(x => x ?? ""));
        Prop.ForAll(texts.ToArbitrary(), text => Holds(text, seconds: false) && Holds(text, seconds: true)).Check(Expressions.Config.WithMaxTest(20_000));
    }

    static bool Holds(string text, bool seconds)
    {
        try
        {
            var expression = CronExpression.Parse(text, seconds);
            // What is taken comes.
            return new CronCalendar(expression, CronZone.Utc).Next(Given.At("2026-01-01")) is not null && CronDescription.Of(expression).Length > 0;
        }
        catch (CronException mistake)
        {
            return mistake.Position >= 1 && mistake.Position - 1 + mistake.Text.Length <= text.Length && mistake.Message.Length is > 0 and < 400;
        }
    }

    /// <summary>A good text with one character replaced or left out.</summary>
    static Gen<string> Random(Gen<string> good) =>
        from text in good
        from at in Gen.Choose(0, text.Length - 1)
        from with in Gen.Elements("", "*", "-", ",", "/", "9", "x", " ")
        select text[..at] + with + text[(at + 1)..];
}
