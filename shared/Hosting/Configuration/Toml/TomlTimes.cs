using System.Globalization;
using System.Text.RegularExpressions;

namespace ReactorJobs.Hosting.Configuration.Toml;

/// <summary>The four forms of RFC 3339 that TOML has.</summary>
static partial class TomlTimes
{
    const string Forms = "1979-05-27T07:32:00Z, 1979-05-27T07:32:00, 1979-05-27 or 07:32:00";

    public static bool LooksLikeOne(string word) => Beginning().IsMatch(word);

    public static TomlTime Read(TomlPosition at, string word)
    {
        var match = Time().Match(word);
        var (date, time, offset) = (match.Groups["date"], match.Groups["time"], match.Groups["offset"]);
        if (!match.Success || (!date.Success && !time.Success))
            throw new TomlException(at, $"{TomlQuote.Of(word)} is no time: one looks like {Forms}");
        if (date.Success && !IsDate(Number(match, "year"), Number(match, "month"), Number(match, "day")))
            throw new TomlException(at, $"{TomlQuote.Of(word)} names a day that is in no calendar");
        if (time.Success && !IsTime(Number(match, "hour"), Number(match, "minute"), Number(match, "second")))
            throw new TomlException(at, $"{TomlQuote.Of(word)} names a time that is on no clock");
        if (offset.Success && offset.Value.Length > 1 && !IsTime(Number(match, "offsetHour"), Number(match, "offsetMinute"), 0))
            throw new TomlException(at, $"{TomlQuote.Of(word)} has an offset that no clock has");
        var form = !date.Success ? TomlTimeForm.LocalTime : !time.Success ? TomlTimeForm.LocalDate : offset.Success ? TomlTimeForm.OffsetDateTime : TomlTimeForm.LocalDateTime;
        return new(at, form, $"{date.Value}{(date.Success && time.Success ? "T" : "")}{time.Value}{offset.Value.ToUpperInvariant()}");
    }

    // The year 0000 is one, and a leap year; .NET's calendar begins a year later.
    static bool IsDate(int year, int month, int day) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year == 0 ? 4 : year, month);

    // RFC 3339 has leap seconds.
    static bool IsTime(int hour, int minute, int second) => hour <= 23 && minute <= 59 && second <= 60;

    static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}|^[0-9]{2}:", RegexOptions.CultureInvariant)]
    private static partial Regex Beginning();

    const string Date = "(?<date>(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2}))";
    const string Clock = @"(?<time>(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.[0-9]+)?)";
    const string Offset = "(?<offset>[Zz]|[+-](?<offsetHour>[0-9]{2}):(?<offsetMinute>[0-9]{2}))";

    [GeneratedRegex($@"^(?:{Date}(?:[Tt ]{Clock}{Offset}?)?|{Clock})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Time();
}
