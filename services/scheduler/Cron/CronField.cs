using System.Numerics;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A field of a crontab expression: what it counts, and how its values are written.</summary>
/// <param name="Period">How many different values there are, which is the longest step that makes sense.</param>
/// <param name="Names">Three letters each, from <paramref name="Least"/> on.</param>
public sealed record CronField(string Name, int Least, int Most, int Period, IReadOnlyList<string> Names)
{
    public static readonly CronField Second = new("second", 0, 59, 60, []);
    public static readonly CronField Minute = new("minute", 0, 59, 60, []);
    public static readonly CronField Hour = new("hour", 0, 23, 24, []);
    public static readonly CronField DayOfMonth = new("day of month", 1, 31, 31, []);
    public static readonly CronField Month = new("month", 1, 12, 12, ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]);

    /// <summary>Sunday is 0 and 7, so that ranges may end with it.</summary>
    public static readonly CronField DayOfWeek = new("day of week", 0, 7, 7, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]);

    /// <summary>The fields of crontab, in their order.</summary>
    public static readonly IReadOnlyList<CronField> Five = [Minute, Hour, DayOfMonth, Month, DayOfWeek];

    /// <summary>The same after one for seconds.</summary>
    public static readonly IReadOnlyList<CronField> Six = [Second, .. Five];

    public bool IsDay => this == DayOfMonth || this == DayOfWeek;

    /// <summary>Which values it takes, for a sentence.</summary>
    public string Allowed => Names.Count == 0 ? $"from {Least} to {Most}" : $"from {Least} to {Most}, or {Names[0]} to {Names[^1]}";
}

/// <summary>The values that a field lets through, a bit for each.</summary>
/// <param name="Star">Whether it begins with <c>*</c>: vixie cron's rules for days and for changes of the clock hang on that.</param>
public readonly record struct CronValues(ulong Bits, bool Star)
{
    public int Count => BitOperations.PopCount(Bits);

    public int First => BitOperations.TrailingZeroCount(Bits);

    public int Last => 63 - BitOperations.LeadingZeroCount(Bits);

    public bool Has(int value) => (Bits >> value & 1) != 0;

    /// <summary>The first value that is not less, or -1. Of at most 63.</summary>
    public int AtLeast(int value)
    {
        var rest = Bits >> value;
        return rest == 0 ? -1 : value + BitOperations.TrailingZeroCount(rest);
    }

    /// <summary>The last value that is not greater, or -1. Of at most 63.</summary>
    public int AtMost(int value)
    {
        var rest = value < 0 ? 0 : Bits << (63 - value);
        return rest == 0 ? -1 : value - BitOperations.LeadingZeroCount(rest);
    }

    public IEnumerable<int> All()
    {
        for (var value = AtLeast(0); value >= 0; value = value == 63 ? -1 : AtLeast(value + 1))
            yield return value;
    }
}
