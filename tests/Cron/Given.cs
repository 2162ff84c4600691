using System.Globalization;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

static class Given
{
    public static CronZone Zone(string id) => CronZone.TryFind(id, out var zone, out var fault) ? zone : throw new ArgumentException($"{id} {fault}");

    public static CronCalendar Calendar(string schedule, string zone = "UTC", bool seconds = false) => new(CronExpression.Parse(schedule, seconds), Zone(zone));

    /// <summary>An instant, in UTC where no offset is written.</summary>
    public static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>What the clocks of its zone show, with their offset.</summary>
    public static string Local(CronFire fire) => fire.Local.ToString("yyyy-MM-dd HH:mmzzz", CultureInfo.InvariantCulture);

    /// <summary>The fires from one instant (included) to another (not included), as the clocks show them.</summary>
    public static string[] Fires(string schedule, string zone, string from, string before) => [.. InTime(schedule, zone, from, before).Select(Local)];

    public static CronFire[] InTime(string schedule, string zone, string from, string before) => [.. Calendar(schedule, zone).Between(At(from).AddTicks(-1), At(before).AddTicks(-1))];
}
