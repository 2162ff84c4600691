using FsCheck;
using FsCheck.Fluent;

namespace ReactorJobs.Tests.Cron;

/// <summary>Random crontab expressions of every shape, most of which come.</summary>
static class Expressions
{
    /// <summary>The same cases in each run: a failure can be looked at again.</summary>
    public static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(1_234_567_891, 987_654_321);

    static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

    public static Gen<string> Text { get; } =
        from minute in Field(0, 59, [])
        from hour in Field(0, 23, [])
        from day in Gen.Frequency((3, Gen.Constant("*")), (2, Field(1, 28, [])))
        from month in Gen.Frequency((3, Gen.Constant("*")), (1, Field(1, 12, Months)))
        from weekday in Gen.Frequency((3, Gen.Constant("*")), (2, Field(0, 7, Weekdays)))
        select $"{minute} {hour} {day} {month} {weekday}";

    public static Gen<string> WithSeconds { get; } =
        from second in Field(0, 59, [])
        from text in Text
        select $"{second} {text}";

    static Gen<string> Field(int least, int most, string[] names) => Gen.Frequency(
        (2, Gen.Constant("*")),
        (2, Gen.Choose(2, most).Select(step => $"*/{Math.Min(step, names.Length == 8 ? 7 : most)}")),
        (4, Value(least, most, names)),
        (3, Item(least, most, names)),
        (3, Gen.Choose(2, 5).SelectMany(count => Item(least, most, names).ListOf(count)).Select(x => string.Join(',', x))));

    static Gen<string> Item(int least, int most, string[] names) => Gen.OneOf(
        Value(least, most, names),
        Range(least, most),
        from range in Range(least, most)
        from step in Gen.Choose(1, Math.Min(most, 7))
        select $"{range}/{step}",
        from value in Gen.Choose(least, most)
        from step in Gen.Choose(1, Math.Min(most, 7))
        select $"{value}/{step}");

    static Gen<string> Range(int least, int most) =>
        from one in Gen.Choose(least, most)
        from other in Gen.Choose(least, most)
        select $"{Math.Min(one, other)}-{Math.Max(one, other)}";

    static Gen<string> Value(int least, int most, string[] names) =>
        from value in Gen.Choose(least, most)
        from named in Gen.Elements(true, false)
        select named && names.Length > 0 ? names[value - least] : $"{value}";
}
