using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using ReactorJobs.Hosting;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>A stretch in which the clocks of a zone keep one distance from UTC.</summary>
/// <param name="Start">In UTC; the stretch holds it.</param>
/// <param name="End">In UTC; the stretch does not hold it.</param>
/// <param name="Before">The offset just before.</param>
public readonly record struct OffsetSpan(DateTime Start, DateTime End, TimeSpan Offset, TimeSpan Before)
{
    /// <summary>What the clocks show from the start on.</summary>
    public DateTime LocalStart => Start + Offset;

    public DateTime LocalEnd => End + Offset;

    /// <summary>What the clocks would have shown at the start, had they not been changed.</summary>
    public DateTime Reached => Start + Before;
}

/// <summary>A zone of the IANA database, as the stretches between the changes of its clocks.</summary>
public sealed partial class CronZone
{
    /// <summary>What is known of clocks is from here on.</summary>
    public static readonly DateTime Earliest = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Nobody says today what clocks will do then.</summary>
    public static readonly DateTime Latest = new(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static readonly CronZone Utc = new("UTC", [new(Earliest, Latest, TimeSpan.Zero, TimeSpan.Zero)]);

    const int LongestId = 64;

    // Copies of others, with leap seconds in some, and links to what a machine has set.
    static readonly string[] NotZones = ["posix/", "right/", "localtime", "posixrules", "Factory"];

    static readonly ConcurrentDictionary<string, CronZone> known = new(StringComparer.Ordinal) { [Utc.Id] = Utc };

    readonly OffsetSpan[] spans;

    CronZone(string id, IEnumerable<OffsetSpan> spans) => (Id, this.spans) = (id, [.. spans]);

    public string Id { get; }

    /// <param name="id">Such as <c>America/New_York</c>; case counts.</param>
    /// <param name="fault">Why it is none: a sentence without its subject and end.</param>
    public static bool TryFind(string id, [NotNullWhen(true)] out CronZone? zone, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        if (known.TryGetValue(id, out zone))
            return true;
        if (IsId(id) && ZoneFile.Find(id) is { } file)
        {
            zone = known.GetOrAdd(id, new CronZone(id, ZoneFile.Spans(file, Earliest, Latest)));
            return true;
        }

        fault = $"must be a time zone of the IANA database, such as Europe/Berlin, or UTC{(Near(id) is { } near ? $"; did you mean {near}?" : "")}";
        return false;
    }

    /// <summary>The stretch that holds an instant from <see cref="Earliest"/> on and before <see cref="Latest"/>.</summary>
    public OffsetSpan SpanAt(DateTime utc)
    {
        var (low, high) = (0, spans.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = spans[middle].Start <= utc ? (middle, high) : (low, middle - 1);
        }

        return spans[low];
    }

    static bool IsId(string id) => id.Length <= LongestId && IdPattern().IsMatch(id) && !NotZones.Any(x => id.StartsWith(x, StringComparison.Ordinal));

    static string? Near(string id)
    {
        if (id.Length is 0 or > LongestId)
            return null;
        var names = ZoneFile.Names().ToArray();
        return names.FirstOrDefault(x => x.Equals(id, StringComparison.OrdinalIgnoreCase))
            ?? names.FirstOrDefault(x => x.EndsWith("/" + id.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase))
            ?? names.Where(x => Spelling.Near(id, x)).MinBy(x => Spelling.Distance(id, x));
    }

    // Without dots, and not from the root: it is a file below the folder.
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
