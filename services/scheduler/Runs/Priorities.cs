using System.Globalization;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>
/// <c>low normal medium high critical</c>, or a number; a higher one starts first. A priority is a head start in line: who has waited for as much
/// longer as the head start is goes first all the same, so that nobody waits for ever. The place in line is set once, when a run is queued.
/// </summary>
public static class Priorities
{
    public const string Low = "low";
    public const string Critical = "critical";

    /// <summary>As a number, either way.</summary>
    public const short Most = 100;

    static readonly Dictionary<string, short> Named = new() { [Low] = -10, ["normal"] = 0, ["medium"] = 5, ["high"] = 10, [Critical] = 15 };

    public static IEnumerable<string> Names => Named.Keys;

    public static short? Parse(string text) => Named.TryGetValue(text, out var value) ? value : null;

    public static string Name(short priority) =>
        Named.FirstOrDefault(x => x.Value == priority).Key ?? priority.ToString(CultureInfo.InvariantCulture);

    /// <summary>The moment that a run stands in line by: when it was queued, moved by its head start.</summary>
    /// <param name="queuedAt">In whole milliseconds.</param>
    /// <param name="longestWait">How long one of low priority waits at most for critical ones that come later.</param>
    public static DateTimeOffset PlaceInLine(DateTimeOffset queuedAt, short priority, TimeSpan longestWait) =>
        queuedAt.AddMilliseconds(-(priority * (long)longestWait.TotalMilliseconds / (Named[Critical] - Named[Low])));
}
