using System.Numerics;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// A crontab expression: which local times it names. Of the days, those count that both day fields let through; where both are restricted,
/// those that either does. As in vixie cron, a field that begins with <c>*</c> is not restricted.
/// </summary>
public sealed class CronExpression : IClockTimes
{
    public const int LongestText = 512;

    static readonly Dictionary<string, string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    // Bit i is weekday i % 7, so that a month's weekdays are a shift.
    readonly ulong weekdays;

    CronExpression(string text, ReadOnlySpan<CronValues> six)
    {
        Text = text;
        (Seconds, Minutes, Hours, DaysOfMonth, Months, DaysOfWeek) = (six[0], six[1], six[2], six[3], six[4], six[5]);
        for (var i = 0; i < 42; i += 7)
            weekdays |= DaysOfWeek.Bits << i;
        IsFixed = !Seconds.Star && !Minutes.Star && !Hours.Star;
    }

    public string Text { get; }

    public CronValues Seconds { get; }

    public CronValues Minutes { get; }

    public CronValues Hours { get; }

    public CronValues DaysOfMonth { get; }

    public CronValues Months { get; }

    public CronValues DaysOfWeek { get; }

    /// <summary>
    /// Whether it names times of day, none of second, minute and hour beginning with <c>*</c>: these happen once a day, whatever the clocks do
    /// (semantics 23).
    /// </summary>
    public bool IsFixed { get; }

    public IReadOnlyList<IClockTimes> Parts => [this];

    /// <summary>Whether a day is one that either day field names, not both.</summary>
    public bool EitherDay => !DaysOfMonth.Star && !DaysOfWeek.Star;

    /// <param name="seconds">Whether a field for seconds comes first.</param>
    /// <exception cref="CronException">The text is no schedule, or one that never comes; nothing else is thrown.</exception>
    public static CronExpression Parse(string text, bool seconds = false)
    {
        if (text.Length > LongestText)
            throw new CronException("schedule", text, 1, $"must have at most {LongestText} characters");
        var words = Words(text);
        if (words.Count > 0 && text[words[0].From] == '@')
            return OfMacro(text, words);

        var fields = seconds ? CronField.Six : CronField.Five;
        if (words.Count != fields.Count)
            throw WrongCount(text, words, fields);
        Span<CronValues> values = stackalloc CronValues[6];
        values[0] = new(1, Star: false);
        for (var i = 0; i < fields.Count; i++)
            values[i + 6 - fields.Count] = new CronParser(fields[i], text, words[i].From, words[i].To).Read();
        var expression = new CronExpression(text, values);
        expression.RefuseNever(text, words[^3]);
        return expression;
    }

    /// <summary>The first of its times from a local time on (itself included) and before another.</summary>
    public DateTime? First(DateTime from, DateTime before)
    {
        from = new(Math.Min((from.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTime.MaxValue.Ticks));
        var (year, month, day, time) = (from.Year, from.Month, from.Day, (int)from.TimeOfDay.TotalSeconds);
        while (true)
        {
            for (var days = DaysIn(year, month) >> day << day; days != 0; days &= days - 1, time = 0)
            {
                var date = BitOperations.TrailingZeroCount(days);
                var second = FirstTime(date == day ? time : 0);
                if (second >= 0)
                    return new DateTime(year, month, date).AddSeconds(second) is var at && at < before ? at : null;
            }

            (day, time) = (1, 0);
            if (++month > 12)
                (month, year) = (1, year + 1);
            if (year > before.Year || (year == before.Year && month > before.Month))
                return null;
        }
    }

    /// <summary>The last of its times from a local time on (itself included) and before another.</summary>
    public DateTime? Last(DateTime from, DateTime before)
    {
        if (before <= from)
            return null;
        before = new((before.Ticks - 1) / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond);
        var (year, month, day, time) = (before.Year, before.Month, before.Day, (int)before.TimeOfDay.TotalSeconds);
        while (true)
        {
            for (var days = DaysIn(year, month) & ((2UL << day) - 1); days != 0;)
            {
                var date = 63 - BitOperations.LeadingZeroCount(days);
                var second = LastTime(date == day ? time : 86_399);
                if (second >= 0)
                    return new DateTime(year, month, date).AddSeconds(second) is var at && at >= from ? at : null;
                days &= ~(1UL << date);
            }

            (day, time) = (31, 86_399);
            if (--month < 1)
                (month, year) = (12, year - 1);
            if (year < from.Year || (year == from.Year && month < from.Month))
                return null;
        }
    }

    public IEnumerable<DateTime> From(DateTime from)
    {
        for (var at = First(from, CronZone.Latest); at is { } found; at = First(found.AddSeconds(1), CronZone.Latest))
            yield return found;
    }

    /// <summary>They are moments.</summary>
    public int HoldingAt(DateTime at) => 0;

    /// <summary>The days of a month, bit 1 for the first.</summary>
    ulong DaysIn(int year, int month)
    {
        if (!Months.Has(month))
            return 0;
        var byWeekday = weekdays >> (int)new DateTime(year, month, 1).DayOfWeek << 1;
        var days = EitherDay ? DaysOfMonth.Bits | byWeekday : DaysOfMonth.Bits & byWeekday;
        return days & ((2UL << DateTime.DaysInMonth(year, month)) - 2);
    }

    int FirstTime(int from)
    {
        var (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
        if (Hours.Has(hour))
        {
            if (Minutes.Has(minute) && Seconds.AtLeast(second) is >= 0 and var thisMinute)
                return (hour * 60 + minute) * 60 + thisMinute;
            if (Minutes.AtLeast(minute + 1) is >= 0 and var thisHour)
                return (hour * 60 + thisHour) * 60 + Seconds.First;
        }

        return Hours.AtLeast(hour + 1) is >= 0 and var later ? (later * 60 + Minutes.First) * 60 + Seconds.First : -1;
    }

    int LastTime(int to)
    {
        var (hour, minute, second) = (to / 3600, to / 60 % 60, to % 60);
        if (Hours.Has(hour))
        {
            if (Minutes.Has(minute) && Seconds.AtMost(second) is >= 0 and var thisMinute)
                return (hour * 60 + minute) * 60 + thisMinute;
            if (Minutes.AtMost(minute - 1) is >= 0 and var thisHour)
                return (hour * 60 + thisHour) * 60 + Seconds.Last;
        }

        return Hours.AtMost(hour - 1) is >= 0 and var earlier ? (earlier * 60 + Minutes.Last) * 60 + Seconds.Last : -1;
    }

    /// <summary>Only a day of the month can be one that no month has: each of the others falls on every weekday sooner or later.</summary>
    void RefuseNever(string text, (int From, int To) dayOfMonth)
    {
        const int leapYear = 2000;
        if (EitherDay || Months.All().Any(month => DaysOfMonth.First <= DateTime.DaysInMonth(leapYear, month)))
            return;
        var longest = Months.All().Max(month => DateTime.DaysInMonth(leapYear, month));
        throw new CronException(CronField.DayOfMonth.Name, text[dayOfMonth.From..dayOfMonth.To], dayOfMonth.From + 1, $"never comes: the months it names have at most {longest} days");
    }

    static CronExpression OfMacro(string text, List<(int From, int To)> words)
    {
        var (from, to) = words[0];
        var name = text[from..to];
        if (words.Count == 1 && Macros.TryGetValue(name, out var meaning))
        {
            var expression = Parse(meaning);
            return new(text, [expression.Seconds, expression.Minutes, expression.Hours, expression.DaysOfMonth, expression.Months, expression.DaysOfWeek]);
        }

        var rule = name.ToUpperInvariant() switch
        {
            "@REBOOT" => "there is no time at which everything starts",
            "@EVERY" => "write the times: */5 * * * * is every five minutes",
            _ when words.Count > 1 && Macros.ContainsKey(name) => "stands alone",
            _ => $"must be one of {string.Join(", ", Macros.Keys)}",
        };
        throw new CronException("schedule", text[from..words[^1].To], from + 1, rule);
    }

    static CronException WrongCount(string text, List<(int From, int To)> words, IReadOnlyList<CronField> fields)
    {
        var names = string.Join(", ", fields.Select(x => x.Name));
        if (words.Count == 0)
            return new("schedule", text, 1, $"is empty; it has {fields.Count} fields: {names}");
        var first = text[words[0].From..words[0].To];
        if (first.Contains('=', StringComparison.Ordinal))
            return new("schedule", first, words[0].From + 1, "a time zone has a field of its own: timezone");
        var hint = words.Count == 6 && fields.Count == 5 ? "; where the first one is seconds, set seconds to true" : "";
        return words.Count < fields.Count
            ? new(fields[words.Count].Name, "", text.TrimEnd().Length + 1, $"is missing: of {fields.Count} fields ({names}) there are {words.Count}")
            : new("schedule", text[words[fields.Count].From..].TrimEnd(), words[fields.Count].From + 1, $"is too much: there are {fields.Count} fields ({names}){hint}");
    }

    /// <summary>Where the words between spaces and tabs begin and end.</summary>
    static List<(int From, int To)> Words(string text)
    {
        var words = new List<(int, int)>();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is ' ' or '\t')
                continue;
            var from = at;
            while (at < text.Length && text[at] is not (' ' or '\t'))
                at++;
            words.Add((from, at));
        }

        return words;
    }
}
