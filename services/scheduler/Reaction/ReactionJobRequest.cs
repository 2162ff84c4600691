using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.TextSchedules;

namespace ReactorJobs.Scheduler.Reaction;

/// <summary>A job as Reaction's plugins schedule it: once, or at the times of a schedule.</summary>
/// <param name="Type">The name of the job, and of the worker that handles it.</param>
/// <param name="Retry">Of the type from now on; null leaves it as it is.</param>
/// <param name="Schedule">As its trigger; none where it runs once.</param>
/// <param name="CancelRepeats">Nothing else of the type is to start after this.</param>
public sealed record ReactionJobRequest(string Type, RawJson Data, RetryPolicy? Retry, short Priority, CronTrigger? Schedule, bool CancelRepeats)
{
    const string ScheduleField = "schedule";
    const string Constant = "constant";

    public static ReactionJobRequest Read(Fields fields)
    {
        var type = ReadType(fields);
        var data = fields.Payload("data") ?? RawJson.Null;
        var priority = RunRequest.ReadPriority(fields);
        var schedule = ReadSchedule(fields);
        return new(
            type, data, fields.Object("retry") is { } retry ? ReadRetry(retry) : null, priority,
            schedule is null ? null : new(schedule, data, MisfirePolicy.Default, Overlap.Allow, TimeSpan.Zero) { Priority = priority },
            fields.Boolean("cancel_repeats") ?? false);
    }

    public static string ReadType(Fields fields)
    {
        var type = fields.String("type", required: true);
        if (type is not null && JobName.Fault(type) is { } fault)
            fields.Wrong("type", fault);
        return type ?? "";
    }

    /// <summary><c>{retries, wait, backoff}</c>: as many further attempts, the first after so many milliseconds.</summary>
    static RetryPolicy ReadRetry(Fields fields)
    {
        var policy = RetryPolicy.Default((int)(fields.Integer("retries", 0, RetryPolicy.MostAttempts - 1) ?? 0) + 1);
        if (fields.Integer("wait", 0, JobRequest.LongestDelayMs) is { } wait)
            policy = policy with { InitialMs = wait };
        var backoff = fields.OneOf("backoff", required: false, Constant, RetryPolicy.Linear, RetryPolicy.Exponential) ?? Constant;
        fields.NoOthers();
        // A wait is the caller's: nothing caps it but what any job's pauses are capped by.
        policy = policy with { MaxMs = JobRequest.LongestDelayMs };
        return backoff == Constant ? policy with { Multiplier = 1 } : policy with { Backoff = backoff };
    }

    /// <summary>A text, or a crontab expression. What is neither is told what it lacks as the one that it looks like.</summary>
    static CronCalendar? ReadSchedule(Fields fields)
    {
        if (fields.Element(ScheduleField) is not { } element || element.ValueKind == JsonValueKind.Null)
            return null;
        if (element.ValueKind != JsonValueKind.String || !RequestBody.IsText(element))
        {
            fields.Wrong(ScheduleField, "must be a text such as \"every day\", or a crontab expression");
            return null;
        }

        var text = element.GetString()!;
        try
        {
            var calendar = new CronCalendar(LooksLikeCron(text) ? CronExpression.Parse(text) : TextSchedule.Parse(text), CronZone.Utc);
            if (calendar.IsNever)
                fields.Wrong(ScheduleField, "never comes");
            return calendar;
        }
        catch (CronException exception)
        {
            fields.Wrong(ScheduleField, exception.Message);
            return null;
        }
    }

    /// <summary>No text begins with a digit or a star, and with <c>@</c> only before a time.</summary>
    static bool LooksLikeCron(string text) =>
        text.TrimStart() is { Length: > 0 } start && (char.IsAsciiDigit(start[0]) || start[0] is '*' or '?' || (start[0] == '@' && start.Length > 1 && char.IsAsciiLetter(start[1])));
}
