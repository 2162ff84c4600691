using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>
/// A schedule in English as later.js reads it: <c>every 5 mins</c>, <c>at 5:00 pm on the last day of the month</c>. It names ranges of time, such as
/// a minute or a day, and is due where one begins.
/// </summary>
public sealed class TextSchedule : IClockTimes
{
    public const int LongestText = 512;

    /// <summary>The years of texts end here.</summary>
    public static readonly DateTime End = new(2100, 1, 1);

    // As many as later.js takes: ranges, and how often it is led past an exception.
    const int MostTurns = 1000;

    readonly IReadOnlyList<TextAlternative> alternatives;
    readonly IReadOnlyList<TextAlternative> exceptions;

    internal TextSchedule(string text, IReadOnlyList<TextAlternative> alternatives, IReadOnlyList<TextAlternative> exceptions) =>
        (Text, this.alternatives, this.exceptions) = (text, alternatives, exceptions);

    /// <summary>In lower case, with one blank between words.</summary>
    public string Text { get; }

    public bool IsFixed => alternatives.All(x => x.IsFixed);

    public IReadOnlyList<IClockTimes> Parts => alternatives.GroupBy(x => x.IsFixed).Select(x => new TextSchedule(Text, [.. x], exceptions)).ToArray() is { Length: > 1 } parts ? parts : [this];

    /// <exception cref="CronException">The text is none; nothing else is thrown.</exception>
    public static TextSchedule Parse(string text) =>
        text.Length <= LongestText ? new TextParser(text).Read() : throw new CronException("text", text, 1, $"must have at most {LongestText} characters");

    /// <summary>From a moment on: the moment itself once for each range that holds it and has begun before, then where ranges begin.</summary>
    public IEnumerable<DateTime> From(DateTime from) => Starts(WholeSecond(from)).Select(x => x < from ? from : x);

    public int HoldingAt(DateTime at) => Starts(WholeSecond(at)).TakeWhile(x => x < at).Count();

    public DateTime? First(DateTime from, DateTime before)
    {
        var second = WholeSecond(from);
        foreach (var start in Starts(second == from ? from : second.AddSeconds(1)))
            if (start >= from)
                return start < before ? start : null;
        return null;
    }

    public DateTime? Last(DateTime from, DateTime before)
    {
        // Looking back is looking forward from earlier and earlier.
        for (var width = TimeSpan.FromSeconds(1); before > from; width *= 4)
        {
            var at = before - from > width ? before - width : from;
            if (First(at, before) is { } found)
                return LastFrom(found, before);
            before = at;
        }

        return null;
    }

    DateTime LastFrom(DateTime found, DateTime before)
    {
        while (before - found > TimeSpan.FromSeconds(1))
        {
            var middle = found + ((before - found) / 2);
            if (First(middle, before) is { } later)
                found = later;
            else
                before = middle;
        }

        return found;
    }

    /// <summary>Where its ranges begin, that too which holds a moment; in their order, and as often as alternatives begin one together with no other.</summary>
    IEnumerable<DateTime> Starts(DateTime from)
    {
        var budget = new SearchBudget();
        var starts = alternatives.Select(x => x.StartFrom(from, budget)).ToArray();
        var excepted = exceptions.Select(x => Range(x, from, budget)).ToArray();
        for (var turn = 0; turn < MostTurns && starts.Min() is { } next && next < End; turn++)
        {
            for (var i = 0; i < excepted.Length; i++)
                if (excepted[i] is { } range && range.Start <= next)
                    excepted[i] = Range(exceptions[i], next, budget);
            if (EndOfExceptions(excepted, next) is { } end)
            {
                for (var i = 0; i < starts.Length; i++)
                    if (starts[i] <= end)
                        starts[i] = alternatives[i].StartFrom(end, budget);
                continue;
            }

            yield return next;
            for (var i = 0; i < starts.Length; i++)
                if (starts[i] == next)
                    starts[i] = alternatives[i].StartFrom(alternatives[i].After(next), budget);
        }
    }

    static (DateTime Start, DateTime? End)? Range(TextAlternative exception, DateTime from, SearchBudget budget) =>
        exception.StartFrom(from, budget) is { } start ? (start, exception.EndFrom(start)) : null;

    /// <summary>Where the exceptions end that hold a time. One that never ends excepts nothing.</summary>
    static DateTime? EndOfExceptions(IEnumerable<(DateTime Start, DateTime? End)?> ranges, DateTime at)
    {
        DateTime? end = null;
        foreach (var range in ranges)
            if (range is { } held && held.Start <= at && !(held.End <= at) && !(held.End <= end))
                end = held.End;
        return end;
    }

    static DateTime WholeSecond(DateTime at) => new(at.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, at.Kind);
}
