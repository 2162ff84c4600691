using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Runs;

/// <summary>The common axis of a run's bars: from its first to its last moment, over a number of cells.</summary>
sealed class TimeAxis(DateTimeOffset from, DateTimeOffset to, int cells)
{
    public const char Work = '█';
    public const char Sleep = '░';
    public const char Open = '▒';

    public DateTimeOffset From => from;

    public static TimeAxis? Over(IEnumerable<StepSpan> spans, int cells)
    {
        var all = spans.ToList();
        return all.Count == 0 ? null : new TimeAxis(all.Min(s => s.From), all.Max(s => s.To), cells);
    }

    /// <summary>Where it is too short to be seen, a span is one cell: that something happened matters more than the scale.</summary>
    public string Bar(StepSpan span, char mark)
    {
        var length = (to - from).TotalMilliseconds;
        if (length <= 0) return new string(mark, cells);
        var start = Math.Min((int)Math.Floor((span.From - from).TotalMilliseconds / length * cells), cells - 1);
        var end = Math.Clamp((int)Math.Round((span.To - from).TotalMilliseconds / length * cells), start + 1, cells);
        return new string(' ', start) + new string(mark, end - start);
    }

    /// <summary>The scale, in the width of the bars: its start at the left, its end at the right.</summary>
    public string Scale()
    {
        var end = Durations.Format(to - from);
        return end.Length + 2 > cells ? end : "0" + end.PadLeft(cells - 1);
    }
}
