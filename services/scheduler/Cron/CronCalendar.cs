namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// The nominal times of a schedule in a zone (semantics 22, 23), from 1970 to 2199. They are looked for in the stretches between two changes of
/// the clocks, in which local time is as regular as the calendar: a stretch costs about as much as a month or two of looking.
/// </summary>
public sealed class CronCalendar(IClockTimes times, CronZone zone)
{
    /// <summary>Farther than any zone's clocks are from UTC, or are ever changed.</summary>
    static readonly TimeSpan FarthestOff = TimeSpan.FromDays(3);

    // In UTC nothing is ever skipped, or comes twice.
    readonly IReadOnlyList<IClockTimes> parts = zone == CronZone.Utc ? [times] : times.Parts;

    public IClockTimes Times => times;

    public CronZone Zone => zone;

    /// <summary>Whether it has no time at all.</summary>
    public bool IsNever => times.First(CronZone.Earliest, DateTime.MaxValue) is null;

    /// <summary>Its times from an instant on; itself too, as often as one of them lasts that has begun before (semantics 24).</summary>
    public IEnumerable<CronFire> From(DateTimeOffset from)
    {
        if (zone == CronZone.Utc)
            return times.From(from.UtcDateTime).TakeWhile(x => x < CronZone.Latest).Select(x => new CronFire(new(x, TimeSpan.Zero), TimeSpan.Zero, null));
        var offset = zone.SpanAt(from.UtcDateTime).Offset;
        return Enumerable.Repeat(new CronFire(from.ToUniversalTime(), offset, null), times.HoldingAt(from.UtcDateTime + offset)).Concat(Between(from.AddTicks(-1), DateTimeOffset.MaxValue));
    }

    /// <summary>Whether its text has a field for seconds.</summary>
    public bool HasSeconds { get; init; }

    /// <summary>The first one after an instant; none where the calendar ends.</summary>
    public CronFire? Next(DateTimeOffset after)
    {
        var from = after.UtcDateTime < CronZone.Earliest ? CronZone.Earliest : after.UtcDateTime.AddTicks(after.UtcTicks == DateTime.MaxValue.Ticks ? 0 : 1);
        for (var at = from; at < CronZone.Latest;)
        {
            var span = zone.SpanAt(at);
            CronFire? first = null;
            foreach (var part in parts)
                if (FirstIn(part, span, at) is { } fire && !(first?.At <= fire.At))
                    first = fire;
            if (first is not null)
                return first;
            // What comes seldom is not looked for in each of the stretches before it, nor what is over in those that follow.
            if (parts.Min(x => x.First(span.LocalEnd - FarthestOff, DateTime.MaxValue)) is not { } ahead)
                return null;
            at = Later(span.End, DateTime.SpecifyKind(ahead - FarthestOff, DateTimeKind.Utc));
        }

        return null;
    }

    /// <summary>The last one before an instant; none where the calendar begins.</summary>
    public CronFire? Previous(DateTimeOffset before)
    {
        var to = before.UtcDateTime > CronZone.Latest ? CronZone.Latest : before.UtcDateTime;
        for (var at = to; at > CronZone.Earliest;)
        {
            var span = zone.SpanAt(at.AddTicks(-1));
            CronFire? last = null;
            foreach (var part in parts)
                if (LastIn(part, span, at) is { } fire && !(last?.At >= fire.At))
                    last = fire;
            if (last is not null)
                return last;
            at = span.Start;
        }

        return null;
    }

    /// <summary>Those after one instant and up to another, itself included; found as they are asked for.</summary>
    public IEnumerable<CronFire> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var fire = Next(after); fire is { } found && found.At <= until; fire = Next(found.At))
            yield return found;
    }

    /// <summary>The same, the newest first.</summary>
    public IEnumerable<CronFire> Backwards(DateTimeOffset after, DateTimeOffset until)
    {
        var last = until.UtcTicks == DateTime.MaxValue.Ticks ? until : until.AddTicks(1);
        for (var fire = Previous(last); fire is { } found && found.At > after; fire = Previous(found.At))
            yield return found;
    }

    CronFire? FirstIn(IClockTimes part, OffsetSpan span, DateTime from)
    {
        // From the change on, local times were here before as far as the clocks had come: fixed ones are not due again.
        var local = from + span.Offset;
        if (part.IsFixed && span.Before != span.Offset)
        {
            if (from <= span.Start && Skipped(part, span) is { } skipped)
                return Moved(span, skipped);
            local = Later(local, span.Reached);
        }

        return part.First(local, span.LocalEnd) is { } found ? Fire(part, span, found) : null;
    }

    CronFire? LastIn(IClockTimes part, OffsetSpan span, DateTime to)
    {
        var skipped = part.IsFixed ? Skipped(part, span) : null;
        // What is due as the clocks go on is one fire, together with what they show then.
        var first = !part.IsFixed ? span.LocalStart : skipped is null ? Later(span.LocalStart, span.Reached) : span.LocalStart.AddTicks(1);
        if (part.Last(first, Earlier(to, span.End) + span.Offset) is { } found)
            return Fire(part, span, found);
        return skipped is { } local ? Moved(span, local) : null;
    }

    /// <summary>The first of its times that the clocks leave out as the stretch begins.</summary>
    static DateTime? Skipped(IClockTimes part, OffsetSpan span) => span.Reached < span.LocalStart ? part.First(span.Reached, span.LocalStart) : null;

    static CronFire Moved(OffsetSpan span, DateTime skipped) =>
        new(new(span.Start), span.Offset, new(ClockEffect.Moved, skipped, span.Reached, span.LocalStart));

    CronFire Fire(IClockTimes part, OffsetSpan span, DateTime local) =>
        new(new(DateTime.SpecifyKind(local - span.Offset, DateTimeKind.Utc)), span.Offset, part.IsFixed ? OfFixed(span, local) : OfRunning(part, span, local));

    ClockChange? OfFixed(OffsetSpan span, DateTime local)
    {
        if (span.End >= CronZone.Latest)
            return null;
        var next = zone.SpanAt(span.End);
        return local >= next.LocalStart && local < next.Reached ? new(ClockEffect.FirstOfTwo, local, next.Reached, next.LocalStart) : null;
    }

    static ClockChange? OfRunning(IClockTimes part, OffsetSpan span, DateTime local)
    {
        if (local < span.Reached)
            return new(ClockEffect.SecondOfTwo, local, span.Reached, span.LocalStart);
        return Skipped(part, span) is { } skipped && part.First(span.LocalStart, local) is null
            ? new(ClockEffect.LeftOut, skipped, span.Reached, span.LocalStart)
            : null;
    }

    static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;
}
