using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.TextSchedules;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// A schedule as callers write it: <c>schedule</c> (or <c>cron</c>), with <c>seconds</c> where a field for them comes first, or <c>text</c>; and
/// <c>timezone</c>.
/// </summary>
public static class CronSchedule
{
    /// <summary>The names under which the expression may stand.</summary>
    public static readonly string[] ExpressionFields = ["schedule", "cron"];

    /// <summary>The name under which a text stands instead.</summary>
    public const string TextField = "text";

    /// <summary>All names under which it may say when it is due, of which one is given.</summary>
    public static readonly string[] TimesFields = [.. ExpressionFields, TextField];

    /// <summary>None where something is wrong, which the fields know then.</summary>
    public static CronCalendar? Read(Fields fields)
    {
        var seconds = fields.Boolean("seconds") ?? false;
        var (times, zone) = (ReadTimes(fields, seconds), ReadZone(fields));
        return times is null || zone is null ? null : new(times, zone) { HasSeconds = seconds };
    }

    static IClockTimes? ReadTimes(Fields fields, bool seconds)
    {
        var given = TimesFields.Where(fields.Has).ToArray();
        if (given.Length > 1)
        {
            fields.Element(given[1]);
            fields.Wrong(given[1], $"is the schedule a second time, beside {given[0]}");
        }

        var field = given.FirstOrDefault() ?? ExpressionFields[0];
        if (fields.String(field, required: true) is not { } text)
            return null;
        if (field == TextField && seconds)
            fields.Wrong("seconds", $"is for {ExpressionFields[0]}; a {TextField} says its seconds itself");
        try
        {
            return field == TextField ? TextSchedule.Parse(text) : CronExpression.Parse(text, seconds);
        }
        catch (CronException exception)
        {
            fields.Wrong(field, exception.Message);
            return null;
        }
    }

    static CronZone? ReadZone(Fields fields)
    {
        if (fields.String("timezone") is not { } id)
            return CronZone.Utc;
        if (CronZone.TryFind(id, out var zone, out var fault))
            return zone;
        fields.Wrong("timezone", fault);
        return null;
    }
}
