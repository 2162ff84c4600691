using System.Globalization;

namespace ReactorJobs.Scheduler.Effects;

/// <summary>
/// When a job is to start that a result asks for: <c>now</c>, <c>now addDays 1 addHours 2</c>, or a time as in RFC 3339. What is relative counts
/// from the moment at which the run completes.
/// </summary>
public sealed record EffectTime(DateTimeOffset? Fixed, IReadOnlyList<EffectTime.Step> Steps)
{
    /// <summary>Anything later is a mistake: a hundred years.</summary>
    const double MostDays = 36_525;

    public const string Rule =
        "must be now, now addDays 1 (or addSeconds, addMinutes, addHours, addWeeks, addMonths with a whole number; several may follow each other), or a time as in RFC 3339, such as 2026-01-31T09:00:00Z";

    /// <summary>Days of one of each, the longest there are.</summary>
    static readonly Dictionary<string, double> Units = new(StringComparer.Ordinal)
    {
        ["addSeconds"] = 1d / 86_400,
        ["addMinutes"] = 1d / 1_440,
        ["addHours"] = 1d / 24,
        ["addDays"] = 1,
        ["addWeeks"] = 7,
        ["addMonths"] = 31,
    };

    static readonly string[] Formats =
        [.. from seconds in (string[])["", ":ss", ":ss.f", ":ss.ff", ":ss.fff", ":ss.ffff", ":ss.fffff", ":ss.ffffff", ":ss.fffffff"] select $"yyyy-MM-dd'T'HH:mm{seconds}K"];

    /// <param name="Verb">Such as <c>addDays</c>.</param>
    public readonly record struct Step(string Verb, long Count);

    /// <summary>Null where the text is none of these.</summary>
    public static EffectTime? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["now", .. var rest])
            return Zoned(text) && DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) ? new(time, []) : null;
        if (rest.Length % 2 != 0)
            return null;
        var steps = new Step[rest.Length / 2];
        var days = 0d;
        for (var i = 0; i < steps.Length; i++)
        {
            var (verb, number) = (rest[2 * i], rest[(2 * i) + 1]);
            if (!Units.TryGetValue(verb, out var unit) || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                return null;
            steps[i] = new(verb, count);
            days += count * unit;
        }

        return days <= MostDays ? new(null, steps) : null;
    }

    public DateTimeOffset From(DateTimeOffset now) => Fixed ?? Steps.Aggregate(now, (at, step) => step.Verb switch
    {
        "addSeconds" => at.AddSeconds(step.Count),
        "addMinutes" => at.AddMinutes(step.Count),
        "addHours" => at.AddHours(step.Count),
        "addDays" => at.AddDays(step.Count),
        "addWeeks" => at.AddDays(7 * step.Count),
        _ => at.AddMonths((int)step.Count),
    });

    // Without its zone a time means something else on each machine.
    static bool Zoned(string text) => text.Length > 16 && (text.EndsWith('Z') || text[^6] is '+' or '-');
}
