using System.Globalization;

namespace ReactorJobs.Scheduler.TextSchedules;

enum Clause
{
    None,
    Every,
    At,
    On,
    OnThe,
    Of,
    In,
    After,
    Before,
    And,
    Also,
    Except,
}

/// <summary>
/// The words of a text, taken one by one: of the spellings that fit, the longest. Words of one spelling stand with one blank between.
/// </summary>
sealed class TextWords(string text)
{
    public static readonly (string, Clause)[] Clauses =
    [
        ("every", Clause.Every), ("at", Clause.At), ("@", Clause.At), ("on", Clause.On), ("on the", Clause.OnThe), ("of", Clause.Of), ("in", Clause.In),
        ("after", Clause.After), ("before", Clause.Before), ("and", Clause.And), (",", Clause.And), ("also", Clause.Also), ("except", Clause.Except),
    ];

    public static readonly (string, TimePeriod)[] Periods =
    [
        .. Spelled(TimePeriods.Second, "s", "sec", "secs", "second", "seconds"), .. Spelled(TimePeriods.Minute, "m", "min", "mins", "minute", "minutes"),
        .. Spelled(TimePeriods.Hour, "h", "hour", "hours"), .. Spelled(TimePeriods.DayOfMonth, "day", "days", "day of the month", "days of the month"),
        .. Spelled(TimePeriods.DayInstance, "day instance"), .. Spelled(TimePeriods.Weekday, "day of the week", "days of the week"),
        .. Spelled(TimePeriods.DayOfYear, "day of the year", "days of the year"), .. Spelled(TimePeriods.WeekOfMonth, "week of the month", "weeks of the month"),
        .. Spelled(TimePeriods.WeekOfYear, "week", "weeks", "week of the year", "weeks of the year"), .. Spelled(TimePeriods.Month, "month", "months"),
        .. Spelled(TimePeriods.Year, "year", "years"),
    ];

    public static readonly (string, int[])[] DaySets = [("weekend", [1, 7]), ("weekday", [2, 3, 4, 5, 6])];

    public static readonly (string, int?)[] Weekdays =
    [
        .. from day in new[] { (1, "sun"), (2, "mon"), (3, "tue"), (3, "tues"), (4, "wed"), (4, "wednes"), (5, "thu"), (5, "thur"), (5, "thurs"), (6, "fri"), (7, "sat"), (7, "satur") }
           from end in new[] { "", "day" }
           select (day.Item2 + end, (int?)day.Item1),
    ];

    // "ma" is a month that there is none of.
    public static readonly (string, int?)[] Months =
    [
        ("jan", 1), ("january", 1), ("feb", 2), ("february", 2), ("ma", 0), ("mar", 3), ("march", 3), ("apr", 4), ("april", 4), ("may", 5), ("june", 6), ("july", 7),
        ("aug", 8), ("august", 8), ("sept", 9), ("september", 9), ("oct", 10), ("october", 10), ("nov", 11), ("november", 11), ("dec", 12), ("december", 12),
    ];

    public static readonly string[] First = ["first"];

    public static readonly string[] Last = ["last"];

    public static readonly string[] And = [",", "and"];

    public static readonly string[] Through = ["-", "to", "through"];

    public static readonly string[] Between = ["between ", "between the"];

    public static readonly string[] Starting = [.. from start in new[] { "start ", "starting " } from rest in new[] { "", "at", "on", "on the" } select start + rest];

    // Longer numbers are beyond any value all the same.
    const int MostDigits = 9;

    readonly string text = text.ToLowerInvariant();
    int at;

    public bool IsAtEnd => at >= text.Length;

    /// <summary>Where the word begins that was asked for last, whether it was there or not.</summary>
    public int TokenAt { get; private set; }

    public static string[] SpellingsOf(TimePeriod period) => [.. Periods.Where(x => x.Item2 == period).Select(x => x.Item1)];

    public static bool IsBlank(char c) => c == '\uFEFF' || (char.IsWhiteSpace(c) && c != '\u0085');

    /// <summary>In lower case, with one blank between words.</summary>
    public static string InOneSpelling(string text) =>
        string.Join(' ', new string([.. text.ToLowerInvariant().Select(x => IsBlank(x) ? ' ' : x)]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public T? Peek<T>(IReadOnlyList<(string Spelling, T Value)> table)
    {
        var longest = Longest(table.Select(x => x.Spelling));
        return longest is null ? default : table.First(x => x.Spelling == longest).Value;
    }

    public T? Take<T>(IReadOnlyList<(string Spelling, T Value)> table)
    {
        var found = Peek(table);
        return Take([.. table.Select(x => x.Spelling)]) ? found : default;
    }

    public bool Take(IEnumerable<string> spellings)
    {
        if (Longest(spellings) is not { } longest)
            return false;
        at = TokenAt + longest.Length;
        return true;
    }

    /// <summary>A number, which may have the ending of an ordinal.</summary>
    public int? Number()
    {
        var start = SkipBlanks();
        var end = start + Digits(start);
        if (end == start)
            return null;
        var ending = end + 2 <= text.Length && text.AsSpan(end, 2) is "st" or "nd" or "rd" or "th" && IsEdge(end + 2) ? 2 : 0;
        if (ending == 0 && !IsEdge(end))
            return null;
        at = end + ending;
        var digits = text.AsSpan(start, end - start).TrimStart('0');
        return digits.Length > MostDigits ? int.MaxValue : digits.Length == 0 ? 0 : Parse(digits);
    }

    public int? Year()
    {
        const int yearDigits = 4;
        var start = SkipBlanks();
        if (Digits(start) != yearDigits || !IsEdge(start + yearDigits))
            return null;
        at = start + yearDigits;
        return Parse(text.AsSpan(start, yearDigits));
    }

    /// <summary>A time of day, in seconds: <c>5:00 pm</c>, <c>17:00</c>.</summary>
    public int? Time()
    {
        var start = SkipBlanks();
        var colon = start + Digits(start);
        if (colon - start is not (1 or 2) || !IsMinute(colon))
            return null;
        var (hour, minute) = (Parse(text.AsSpan(start, colon - start)), Parse(text.AsSpan(colon + 1, 2)));
        var end = colon + 3;
        var half = end < text.Length && IsBlank(text[end]) ? end + 1 : end;
        if (hour is >= 1 and <= 12 && half + 2 <= text.Length && text.AsSpan(half, 2) is "am" or "pm" && IsEdge(half + 2))
        {
            at = half + 2;
            return ((hour % 12) + (text[half] == 'p' ? 12 : 0)) * 3600 + minute * 60;
        }

        if (hour > 23 || !IsEdge(end))
            return null;
        at = end;
        return hour * 3600 + minute * 60;
    }

    static int Parse(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    static IEnumerable<(string, TimePeriod)> Spelled(TimePeriod period, params string[] spellings) => spellings.Select(x => (x, period));

    string? Longest(IEnumerable<string> spellings)
    {
        var start = SkipBlanks();
        return spellings.Where(x => string.CompareOrdinal(text, start, x, 0, x.Length) == 0 && (x is "," or "-" || IsEdge(start + x.Length))).MaxBy(x => x.Length);
    }

    int SkipBlanks()
    {
        TokenAt = at;
        while (TokenAt < text.Length && IsBlank(text[TokenAt]))
            TokenAt++;
        return TokenAt;
    }

    int Digits(int from)
    {
        var to = from;
        while (to < text.Length && char.IsAsciiDigit(text[to]))
            to++;
        return to - from;
    }

    /// <summary>A colon and two digits up to 59.</summary>
    bool IsMinute(int from) =>
        from + 3 <= text.Length && text[from] == ':' && text[from + 1] is >= '0' and <= '5' && char.IsAsciiDigit(text[from + 2]);

    /// <summary>Whether a word ends or begins here.</summary>
    bool IsEdge(int place) => IsWord(place - 1) != IsWord(place);

    bool IsWord(int place) => place >= 0 && place < text.Length && (char.IsAsciiLetterOrDigit(text[place]) || text[place] == '_');
}
