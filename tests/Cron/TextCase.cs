using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Cron;

/// <summary>A text as people may write it, or nearly, and a moment to ask from; the same ones in every run.</summary>
/// <param name="ForLater">The same with a 1 after each <c>every</c> that has no number, which later.js asks for.</param>
public sealed partial record TextCase(string Text, string ForLater, DateTime From)
{
    public const int Total = 6000;

    static readonly string[] Periods =
    [
        "sec", "secs", "s", "seconds", "min", "mins", "m", "minute", "hour", "hours", "h", "day", "days", "day of the month", "day instance", "day of the week", "days of the week",
        "day of the year", "week", "weeks of the year", "week of the month", "month", "months", "year", "years",
    ];

    static readonly string[] Weekdays = ["sun", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri", "friday", "sat", "saturday"];
    static readonly string[] Months = ["jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "june", "july", "aug", "sept", "september", "oct", "nov", "december"];
    static readonly string[] Strays = ["the", "foo", "on", "on the", "every", "5", "and", ",", "except", "also", "at", "5:00", "-", "through", "last", "between", "starting", "25:00", "day", "@", "  ", "\t", "ma", "jul"];

    [SuppressMessage("Security", "CA5394", Justification = "The same texts in every run.")]
    public static IReadOnlyList<TextCase> All()
    {
        var dice = new Random(20_26);
        return [.. Enumerable.Range(0, Total).Select(i => One(new Dice(dice), isMarred: i % 4 == 3))];
    }

    static TextCase One(Dice dice, bool isMarred)
    {
        var text = Schedule(dice);
        if (isMarred)
            text = Marred(dice, text);
        // Whole seconds: a fraction would go along in later.js.
        var from = new DateTime(2019, 1, 1).AddSeconds(dice.Below(20 * 365) * 86_400L + (dice.OneIn(3) ? 0 : dice.Below(86_400)));
        return new(text, WithoutNumber().Replace(text, "1 "), from);
    }

    /// <summary>Where a place in the text is in that for later.js.</summary>
    public int PlaceForLater(int place)
    {
        var (at, shift) = (0, 0);
        for (; at < place; at++)
            while (Text[at] != ForLater[at + shift])
                shift++;
        return place + shift;
    }

    static string Schedule(Dice dice)
    {
        var text = Clauses(dice);
        while (dice.OneIn(4))
            text += " also " + Clauses(dice);
        if (dice.OneIn(4))
            text += " except " + Clauses(dice);
        while (text.Contains(" except ", StringComparison.Ordinal) && dice.OneIn(4))
            text += " also " + Clauses(dice);
        return dice.OneIn(10) ? text.ToUpperInvariant() : text;
    }

    static string Clauses(Dice dice) =>
        string.Join(dice.OneIn(6) ? " and " : " ", Enumerable.Range(0, 1 + dice.Below(3)).Select(_ => Clause(dice)));

    static string Clause(Dice dice) => dice.Below(11) switch
    {
        0 or 1 => Every(dice),
        2 => dice.Of("every weekday", "every weekend"),
        3 => $"{dice.Of("after", "before")} {(dice.OneIn(2) ? Time(dice) : Counted(dice))}",
        4 => $"on the {dice.Of("first", "last")} {dice.Of(Periods)}",
        5 or 6 => OnThe(dice),
        7 => $"on {List(dice, () => dice.Of(Weekdays))}",
        8 => $"of {List(dice, () => dice.Of(Months))}",
        9 => $"in {List(dice, () => $"{2018 + dice.Below(25)}")}",
        _ => $"{dice.Of("at ", "@")}{string.Join(dice.Of(" and ", ", "), Enumerable.Range(0, 1 + dice.Below(3)).Select(_ => Time(dice)))}",
    };

    static string Every(Dice dice)
    {
        var period = dice.Of(Periods);
        var text = (dice.OneIn(4) ? "every " : $"every {Number(dice, period)} ") + period;
        return dice.Below(6) switch
        {
            0 => $"{text} {dice.Of("start", "starting")} {dice.Of("", "at ", "on ", "on the ")}{Number(dice, period)} {period}",
            1 => $"{text} between {dice.Of("", "the ")}{Number(dice, period)} and {Number(dice, period)}",
            _ => text,
        };
    }

    static string OnThe(Dice dice)
    {
        var period = dice.Of(Periods);
        return $"on the {List(dice, () => Number(dice, period))} {period}";
    }

    static string Counted(Dice dice)
    {
        var period = dice.Of(Periods);
        return $"{Number(dice, period)} {period}";
    }

    static string List(Dice dice, Func<string> one)
    {
        var text = one();
        while (dice.OneIn(3))
            text += dice.Of("-", " - ", " through ", " to ", ",", " and ", ", ") + one();
        return text;
    }

    static string Number(Dice dice, string period)
    {
        var most = period[0] switch
        {
            _ when period.StartsWith("day of the year", StringComparison.Ordinal) => 366,
            _ when period.StartsWith("day inst", StringComparison.Ordinal) => 5,
            _ when period.Contains("of the week", StringComparison.Ordinal) => 7,
            _ when period.Contains("week of the month", StringComparison.Ordinal) => 6,
            'd' => 31,
            'w' => 53,
            'h' => 23,
            'y' => 2040,
            'm' when period.StartsWith("month", StringComparison.Ordinal) => 12,
            _ => 59,
        };
        var number = dice.OneIn(30) ? dice.Below(400) : period[0] == 'y' && dice.OneIn(2) ? 2019 + dice.Below(20) : dice.OneIn(2) ? dice.Below(Math.Min(most, 9) + 1) : dice.Below(most + 1);
        return dice.OneIn(3) ? $"{number}{(number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" }}" : $"{number}";
    }

    static string Time(Dice dice)
    {
        var (hour, minute) = (dice.Below(24), dice.OneIn(2) ? 0 : dice.Below(60));
        return dice.Below(3) switch
        {
            0 => $"{hour}:{minute:00}",
            1 => $"{hour:00}:{minute:00}",
            _ => $"{(hour % 12 == 0 ? 12 : hour % 12)}:{minute:00}{dice.Of("", " ")}{dice.Of("am", "pm")}",
        };
    }

    /// <summary>A word more, less or other, or a character.</summary>
    static string Marred(Dice dice, string text)
    {
        var words = text.Split(' ').ToList();
        var at = dice.Below(words.Count);
        switch (dice.Below(5))
        {
            case 0: words.RemoveAt(at); break;
            case 1: words.Insert(at, dice.Of(Strays)); break;
            case 2: words[at] = dice.Of(Strays); break;
            case 3: words.RemoveRange(at, words.Count - at); break;
            default: words[at] = words[at].Length == 0 ? "x" : words[at].Remove(dice.Below(words[at].Length), 1); break;
        }

        return string.Join(' ', words);
    }

    /// <summary>Between an <c>every</c> and a period.</summary>
    [GeneratedRegex(@"(?<=\bevery\s+)(?=(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?|days?|weeks?|months?|years?)\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithoutNumber();

    sealed class Dice(Random random)
    {
        [SuppressMessage("Security", "CA5394", Justification = "The same texts in every run.")]
        public int Below(int most) => random.Next(most);

        public bool OneIn(int times) => Below(times) == 0;

        public string Of(params string[] choices) => choices[Below(choices.Length)];
    }
}
