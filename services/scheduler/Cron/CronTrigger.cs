using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A trigger of kind <c>cron</c> as callers describe it.</summary>
/// <param name="Schedule">When it fires.</param>
/// <param name="Payload">Of each of its runs.</param>
/// <param name="Misfire">For the times that nobody was there for: <c>misfire</c> and <c>misfire_window</c>.</param>
/// <param name="Overlap">One of <see cref="Cron.Overlap.Names"/>.</param>
/// <param name="Jitter">How long after its time a fire may start its run.</param>
public sealed record CronTrigger(CronCalendar Schedule, RawJson Payload, MisfirePolicy Misfire, string Overlap, TimeSpan Jitter)
{
    /// <summary>None where the schedule is wrong, which the fields know then.</summary>
    public static CronTrigger? Read(Fields fields)
    {
        var schedule = CronSchedule.Read(fields);
        var payload = fields.Payload("payload") ?? RawJson.Null;
        var misfire = new MisfirePolicy(
            fields.OneOf("misfire", required: false, MisfirePolicy.Names) ?? MisfirePolicy.Default.Policy,
            AtMost(fields, "misfire_window", MisfirePolicy.LongestWindow, "366 days") ?? MisfirePolicy.Default.Window);
        var overlap = fields.OneOf("overlap", required: false, Cron.Overlap.Names) ?? Cron.Overlap.Allow;
        var jitter = AtMost(fields, "jitter", Cron.Jitter.Longest, "an hour") ?? TimeSpan.Zero;
        return schedule is null ? null : new(schedule, payload, misfire, overlap, jitter);
    }

    static TimeSpan? AtMost(Fields fields, string name, TimeSpan most, string shown)
    {
        var duration = fields.Duration(name);
        if (duration > most)
            fields.Wrong(name, $"must be at most {shown}");
        return duration;
    }
}
