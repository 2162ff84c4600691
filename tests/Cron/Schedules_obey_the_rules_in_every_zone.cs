using NodaTime;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>
/// Twenty years of forty schedules in the zones whose clocks do the oddest things, against an oracle that knows neither our code nor our
/// database (semantics 22, 23).
/// </summary>
public sealed class Schedules_obey_the_rules_in_every_zone
{
    /// <summary>Over: later clocks may still be changed by law, in one database before the other.</summary>
    static readonly Instant From = Instant.FromUtc(2005, 1, 1, 0, 0);
    static readonly Instant Before = Instant.FromUtc(2025, 1, 1, 0, 0);

    /// <summary>What fires more often is looked at around the changes of the clocks, and on one day in a hundred.</summary>
    const int MostFiresPerDay = 24;
    static readonly Duration Around = Duration.FromHours(50);
    static readonly Duration Between = Duration.FromDays(101);

    static readonly string[] Schedules =
    [
        // Fixed times, most of them where clocks are changed.
        "0 0 * * *", "30 0 * * *", "0 1 * * *", "30 1 * * *", "15 2 * * *", "30 2 * * *", "0,30 2 * * *", "0 3 * * *", "45 23 * * *", "59 23 * * *",
        "0,15,30,45 2 * * *", "0-59/20 1-3 * * *", "0 0-23/2 * * *", "0/30 0/3 * * *", "5 0-4 * * *", "15,45 0,1,2,3,23 * * *", "0-59 2 * * *",
        // Days.
        "0 9 * * 1-5", "0 6 1 * *", "30 2 * * SUN", "0 0 * * 7", "30 2 13 * 5", "0 0 */5 * 1", "0 2 1-7 * *", "0 2 29 2 *", "30 1 31 * *", "0 0 1 JAN *", "30 0 * MAR-apr,SEP-NOV *",
        "0 0 30 12 *", "0 12 29-31 12 FRI-SUN",
        // Times that go with the clocks.
        "* * * * *", "*/5 * * * *", "*/15 * * * *", "*/30 2 * * *", "0 * * * *", "30 * * * *", "0 */2 * * *", "15 */6 * * *", "*/7 0-3 * * *", "0 */3 * * SUN", "*/20 1,2 1-7 * *",
    ];

    public static TheoryData<string> Zones =>
    [
        "UTC",
        "America/New_York",
        "America/Santiago", // no midnight in spring
        "America/Asuncion", // likewise, until 2024
        "America/Havana", // midnight skipped, and one o'clock to midnight repeated
        "America/Caracas", // half an hour back in 2007, forward in 2016
        "America/Sao_Paulo",
        "Australia/Lord_Howe", // half an hour of daylight time
        "Pacific/Apia", // lost 30 December 2011
        "Pacific/Chatham", // at a quarter to three
        "Africa/Casablanca", // standard time in Ramadan only
        "Africa/Cairo", // four changes in some years
        "Asia/Gaza",
        "Asia/Beirut",
        "Asia/Tehran",
        "Europe/Dublin", // winter time is the exception
        "Europe/Moscow", // new base offsets in 2011 and 2014
        "Antarctica/Troll", // two hours
        "America/Godthab", // new base offset in 2023, clocks changed before midnight
    ];

    [Theory]
    [MemberData(nameof(Zones))]
    public void Of(string id)
    {
        var (noda, zone) = (DateTimeZoneProviders.Tzdb[id], Given.Zone(id));
        var changes = noda.GetZoneIntervals(From, Before).Skip(1).Select(x => x.Start).ToArray();
        foreach (var schedule in Schedules)
        {
            var (calendar, oracle) = (new CronCalendar(CronExpression.Parse(schedule), zone), new Oracle(schedule));
            if (oracle.FiresPerDay <= MostFiresPerDay)
                Compare(schedule, calendar, oracle, noda, From, Before);
            else
                foreach (var (from, before) in Windows(changes))
                    Compare(schedule, calendar, oracle, noda, from, before);
        }
    }

    [Fact]
    public void There_are_enough_of_them() => Assert.True(Schedules.Distinct().Count() >= 40 && Zones.Count >= 12 && (Before - From).TotalDays > 7300);

    static IEnumerable<(Instant, Instant)> Windows(Instant[] changes) =>
    [
        .. changes.Select(x => (x - Around, x + Around)),
        .. Enumerable.Range(0, (int)((Before - From) / Between)).Select(i => (From + (Between * i), From + (Between * i) + Duration.FromDays(1))),
    ];

    static void Compare(string schedule, CronCalendar calendar, Oracle oracle, DateTimeZone zone, Instant from, Instant before)
    {
        var expected = oracle.Fires(zone, from, before);
        var (first, last) = (from.ToDateTimeOffset().AddTicks(-1), before.ToDateTimeOffset().AddTicks(-1));
        Same(calendar.Between(first, last).ToArray());
        Same(calendar.Backwards(first, last).Reverse().ToArray());

        void Same(CronFire[] fires)
        {
            for (var i = 0; i < Math.Max(expected.Count, fires.Length); i++)
            {
                var one = i < expected.Count ? expected[i] : default;
                var other = i < fires.Length ? fires[i] : default;
                // What was left out before a time says nothing of the time.
                var effect = other.Change?.Effect is var found && found == ClockEffect.LeftOut ? null : found;
                if (one != (other.At, effect))
                    Assert.Fail($"\"{schedule}\" in {calendar.Zone.Id}: {one.At:u} {one.Effect} is expected, {other.At:u} ({other.Local}) {other.Note} found");
            }
        }
    }
}
