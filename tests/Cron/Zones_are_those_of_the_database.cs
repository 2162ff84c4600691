using NodaTime;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Tests.Cron;

public sealed class Zones_are_those_of_the_database
{
    /// <summary>
    /// Every change of the clocks of every zone is where .NET has it, and there are no others; but for a few zones whose files it misunderstands,
    /// depending on their kind.
    /// </summary>
    [Fact]
    public void Clocks_are_changed_when_the_database_says_so()
    {
        var (from, until) = (Utc(1973), Utc(2037)); // whole minutes since the one; spelled out until the other
        var (zones, count) = (All().ToArray(), 0);
        var wrong = new List<string>();
        foreach (var (id, zone) in zones)
        {
            var other = TimeZoneInfo.FindSystemTimeZoneById(id);
            var changes = Changes(zone, from, until).ToArray();
            var isSame = changes.All(x => other.GetUtcOffset(x.Start) == x.Offset && other.GetUtcOffset(x.Start.AddTicks(-1)) == x.Before);
            for (var at = from; isSame && at < until; at += TimeSpan.FromDays(2))
                isSame = other.GetUtcOffset(at) == zone.SpanAt(at).Offset;
            if (!isSame)
                wrong.Add(id);
            count += changes.Length;
        }

        Assert.True(wrong.Count <= zones.Length / 40, string.Join(", ", wrong));
        Assert.True(count > 10_000, $"Only {count} changes were compared.");
    }

    /// <summary>The rules at the ends of the files, which no table spells out, are understood as NodaTime understands them.</summary>
    [Theory]
    [InlineData("America/New_York")]
    [InlineData("America/Santiago")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Europe/Berlin")]
    [InlineData("Europe/Dublin")]
    [InlineData("Pacific/Auckland")]
    [InlineData("Pacific/Easter")]
    [InlineData("Asia/Jerusalem")]
    [InlineData("America/Nuuk")]
    [InlineData("Asia/Tokyo")]
    public void Clocks_go_on_being_changed(string id)
    {
        var (from, until) = (Utc(2030), Utc(2190));
        Assert.Equal(Changes(DateTimeZoneProviders.Tzdb[id], from, until), Changes(Given.Zone(id), from, until).Select(x => (x.Start, x.Offset)));
    }

    /// <summary>NodaTime brings a database of its own, which may be younger or older: the past of a few zones is another in each edition.</summary>
    [Fact]
    public void Nearly_all_zones_have_been_what_NodaTime_says()
    {
        var (from, until) = (Utc(1995), Utc(2025));
        var zones = All().Where(x => DateTimeZoneProviders.Tzdb.GetZoneOrNull(x.Id) is not null).ToArray();
        var different = zones.Where(x => !Changes(DateTimeZoneProviders.Tzdb[x.Id], from, until).SequenceEqual(Changes(x.Zone, from, until).Select(x => (x.Start, x.Offset))));
        Assert.InRange(different.Count(), 0, zones.Length / 50);
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("UTC")]
    [InlineData("Etc/GMT+5")]
    [InlineData("America/Argentina/Buenos_Aires")]
    [InlineData("America/Port-au-Prince")]
    [InlineData("America/Godthab")] // a link to America/Nuuk
    public void A_zone_is_found(string id) => Assert.Equal(id, Given.Zone(id).Id);

    [Theory]
    [InlineData("")]
    [InlineData("Europe")]
    [InlineData("Mars/Olympus")]
    [InlineData("../etc/passwd")]
    [InlineData("/usr/share/zoneinfo/Europe/Berlin")]
    [InlineData("Europe/../Europe/Berlin")]
    [InlineData("Europe//Berlin")]
    [InlineData("Europe/Berlin\n")]
    [InlineData("Europe/Berlin\0")]
    [InlineData("posix/Europe/Berlin")]
    [InlineData("right/Europe/Berlin")]
    [InlineData("localtime")]
    [InlineData("posixrules")]
    [InlineData("Factory")]
    [InlineData("zone.tab")]
    [InlineData("+02:00")]
    public void Anything_else_is_refused(string id)
    {
        Assert.False(CronZone.TryFind(id, out _, out var fault));
        Assert.StartsWith("must be a time zone of the IANA database, such as Europe/Berlin, or UTC", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("europe/berlin", "Europe/Berlin")]
    [InlineData("Berlin", "Europe/Berlin")]
    [InlineData("new york", "America/New_York")]
    [InlineData("America/New_Yrok", "America/New_York")]
    [InlineData("Europa/Berlin", "Europe/Berlin")]
    public void What_was_probably_meant_is_told(string id, string meant)
    {
        // Case counts, also after somebody has asked in the right one.
        _ = Given.Zone(meant);
        Assert.False(CronZone.TryFind(id, out _, out var fault));
        Assert.EndsWith($"; did you mean {meant}?", fault, StringComparison.Ordinal);
    }

    static IEnumerable<(string Id, CronZone Zone)> All() =>
        TimeZoneInfo.GetSystemTimeZones().Select(x => x.Id).Union(DateTimeZoneProviders.Tzdb.Ids).Where(x => CronZone.TryFind(x, out _, out _) && x != CronZone.Utc.Id).Select(x => (x, Given.Zone(x)));

    static IEnumerable<OffsetSpan> Changes(CronZone zone, DateTime from, DateTime until)
    {
        for (var at = from; at < until; at = zone.SpanAt(at).End)
            if (zone.SpanAt(at) is var span && span.Before != span.Offset && span.Start >= from)
                yield return span;
    }

    /// <summary>Without those that change but the name.</summary>
    static IEnumerable<(DateTime, TimeSpan)> Changes(DateTimeZone zone, DateTime from, DateTime until)
    {
        var intervals = zone.GetZoneIntervals(Instant.FromDateTimeUtc(from), Instant.FromDateTimeUtc(until)).ToArray();
        return intervals.Zip(intervals.Skip(1)).Where(x => x.First.WallOffset != x.Second.WallOffset).Select(x => (x.Second.Start.ToDateTimeUtc(), x.Second.WallOffset.ToTimeSpan()));
    }

    static DateTime Utc(int year) => new(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
}
