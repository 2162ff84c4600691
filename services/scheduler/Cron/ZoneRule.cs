using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// How the clocks of a zone go on after the last change that its file spells out, as POSIX writes it in TZ with the wider times of RFC 9636:
/// <c>&lt;-04&gt;4&lt;-03&gt;,M9.1.6/24,M4.1.6/24</c>.
/// </summary>
public sealed partial class ZoneRule
{
    readonly TimeSpan standard;
    readonly TimeSpan daylight;
    readonly RuleDate? begin;
    readonly RuleDate? end;

    ZoneRule(TimeSpan standard, TimeSpan daylight, RuleDate? begin, RuleDate? end) =>
        (this.standard, this.daylight, this.begin, this.end) = (standard, daylight, begin, end);

    public static bool TryParse(string text, [NotNullWhen(true)] out ZoneRule? rule)
    {
        rule = null;
        if (Pattern().Match(text) is not { Success: true } match)
            return false;
        // POSIX counts westwards.
        var standard = -Time(match.Groups["standard"].Value);
        var ahead = match.Groups["daylight"] is { Success: true } group ? -Time(group.Value) : standard + TimeSpan.FromHours(1);
        rule = match.Groups["begin"].Success
            ? new(standard, ahead, Date(match, "begin"), Date(match, "end"))
            : new(standard, standard, null, null);
        return true;
    }

    /// <summary>The changes of a year of local time, in their order: two, or one that says what always holds.</summary>
    public IEnumerable<(DateTime At, TimeSpan Offset)> Changes(int year)
    {
        if (begin is null || end is null)
            return [(new(year, 1, 1), standard)];
        var (on, off) = ((begin.In(year) - standard, daylight), (end.In(year) - daylight, standard));
        return on.Item1 <= off.Item1 ? [on, off] : [off, on];
    }

    static RuleDate Date(Match match, string name) =>
        new(match.Groups[name].Value, match.Groups[name + "Time"] is { Success: true } time ? Time(time.Value) : TimeSpan.FromHours(2));

    static TimeSpan Time(string text)
    {
        var parts = text.TrimStart('+', '-').Split(':').Select(x => int.Parse(x, CultureInfo.InvariantCulture)).ToArray();
        var time = new TimeSpan(parts[0], parts.Length > 1 ? parts[1] : 0, parts.Length > 2 ? parts[2] : 0);
        return text[0] == '-' ? -time : time;
    }

    /// <param name="Day"><c>Jn</c> without 29 February from 1, <c>n</c> with it from 0, <c>Mm.w.d</c>.</param>
    /// <param name="Time">After that day's midnight, by more than a day or before it in some zones.</param>
    sealed record RuleDate(string Day, TimeSpan Time)
    {
        public DateTime In(int year) => DateIn(year) + Time;

        DateTime DateIn(int year)
        {
            var numbers = Day.TrimStart('J', 'M').Split('.').Select(x => int.Parse(x, CultureInfo.InvariantCulture)).ToArray();
            var newYear = new DateTime(year, 1, 1);
            if (numbers is not [var month, var week, var weekday])
                return newYear.AddDays(Day[0] != 'J' ? numbers[0] : numbers[0] - (DateTime.IsLeapYear(year) && numbers[0] >= 60 ? 0 : 1));
            var first = new DateTime(year, month, 1);
            var day = first.AddDays((weekday - (int)first.DayOfWeek + 7) % 7 + ((week - 1) * 7));
            return day.Month == month ? day : day.AddDays(-7); // week 5 is the last one
        }
    }

    [GeneratedRegex(
        """
        ^(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)(?<standard>[+-]?\d{1,3}(?::\d\d){0,2})
        (?:(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)(?<daylight>[+-]?\d{1,3}(?::\d\d){0,2})?
        ,(?<begin>J\d{1,3}|\d{1,3}|M(?:1[0-2]|[1-9])\.[1-5]\.[0-6])(?:/(?<beginTime>[+-]?\d{1,3}(?::\d\d){0,2}))?
        ,(?<end>J\d{1,3}|\d{1,3}|M(?:1[0-2]|[1-9])\.[1-5]\.[0-6])(?:/(?<endTime>[+-]?\d{1,3}(?::\d\d){0,2}))?)?\z
        """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Pattern();
}
