using NodaTime;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

/// <summary>
/// Semantics 22 and 23 once more and otherwise: every local date is looked at, every time of day that the fields name is mapped to instants by
/// NodaTime, with its own database of zones, and what comes out is sorted. It reads the fields itself, value by value.
/// </summary>
sealed class Oracle
{
    static readonly string[] Months = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    readonly string[] fields;
    readonly LocalTime[] times;

    public Oracle(string schedule)
    {
        fields = schedule.Split(' ');
        times =
        [
            .. from hour in Enumerable.Range(0, 24)
               where Names(fields[1], hour, 0, 23, [])
               from minute in Enumerable.Range(0, 60)
               where Names(fields[0], minute, 0, 59, [])
               select new LocalTime(hour, minute),
        ];
    }

    public int FiresPerDay => times.Length;

    bool IsFixed => fields[0][0] != '*' && fields[1][0] != '*';

    /// <summary>From one instant (included) to another (not included), in order.</summary>
    public List<(DateTimeOffset At, ClockEffect? Effect)> Fires(DateTimeZone zone, Instant from, Instant before)
    {
        var found = new List<(Instant At, ClockEffect? Effect)>();
        // Where a day is lost, it is fired on the next.
        for (var date = from.InZone(zone).Date.PlusDays(-2); date <= before.InZone(zone).Date.PlusDays(2); date = date.PlusDays(1))
            if (IsDay(date))
                foreach (var time in times)
                    found.AddRange(Instants(zone.MapLocal(date + time)));
        return
        [
            .. found.Where(x => x.At >= from && x.At < before).GroupBy(x => x.At).OrderBy(x => x.Key)
                .Select(x => (x.Key.ToDateTimeOffset(), x.Select(y => y.Effect).OrderBy(y => y ?? ClockEffect.SecondOfTwo + 1).First())),
        ];
    }

    IEnumerable<(Instant, ClockEffect?)> Instants(NodaTime.TimeZones.ZoneLocalMapping mapping) => (mapping.Count, IsFixed) switch
    {
        (0, true) => [(mapping.LateInterval.Start, ClockEffect.Moved)],
        (0, false) => [],
        (2, true) => [(mapping.First().ToInstant(), ClockEffect.FirstOfTwo)],
        (2, false) => [(mapping.First().ToInstant(), null), (mapping.Last().ToInstant(), ClockEffect.SecondOfTwo)],
        _ => [(mapping.Single().ToInstant(), null)],
    };

    bool IsDay(LocalDate date)
    {
        var weekday = (int)date.DayOfWeek % 7;
        var (ofMonth, ofWeek) = (Names(fields[2], date.Day, 1, 31, []), Names(fields[4], weekday, 0, 7, Weekdays) || (weekday == 0 && Names(fields[4], 7, 0, 7, Weekdays)));
        var isDay = fields[2][0] == '*' || fields[4][0] == '*' ? ofMonth && ofWeek : ofMonth || ofWeek;
        return isDay && Names(fields[3], date.Month, 1, 12, Months);
    }

    static bool Names(string field, int value, int least, int most, string[] names) => field.Split(',').Any(item =>
    {
        int Number(string text) => Array.IndexOf(names, text.ToUpperInvariant()) is >= 0 and var named ? named : int.Parse(text, null);
        var parts = item.Split('/');
        var ends = parts[0] == "*" ? [least, most] : parts[0].Split('-').Select(Number).ToArray();
        var last = ends.Length == 2 ? ends[1] : parts.Length == 2 ? most : ends[0];
        if (names == Weekdays && last == 0 && ends[0] > 0)
            last = 7;
        return value >= ends[0] && value <= last && (parts.Length == 1 || (value - ends[0]) % int.Parse(parts[1], null) == 0);
    });
}
