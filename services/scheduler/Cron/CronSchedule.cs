using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A schedule as callers write it: <c>schedule</c> (or <c>cron</c>), <c>timezone</c>, and <c>seconds</c> where a field for them comes first.</summary>
public static class CronSchedule
{
    /// <summary>The names under which the expression may stand.</summary>
    public static readonly string[] ExpressionFields = ["schedule", "cron"];

    /// <summary>None where something is wrong, which the fields know then.</summary>
    public static CronCalendar? Read(Fields fields)
    {
        var seconds = fields.Boolean("seconds") ?? false;
        var (expression, zone) = (ReadExpression(fields, seconds), ReadZone(fields));
        return expression is null || zone is null ? null : new(expression, zone) { HasSeconds = seconds };
    }

    static CronExpression? ReadExpression(Fields fields, bool seconds)
    {
        var given = ExpressionFields.Where(fields.Has).ToArray();
        if (given.Length > 1)
        {
            fields.Element(given[1]);
            fields.Wrong(given[1], $"is the schedule a second time, beside {given[0]}");
        }

        var field = given.FirstOrDefault() ?? ExpressionFields[0];
        if (fields.String(field, required: true) is not { } text)
            return null;
        try
        {
            return CronExpression.Parse(text, seconds);
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
