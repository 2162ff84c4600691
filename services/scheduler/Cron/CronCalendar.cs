namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// The nominal times of a schedule in a zone (semantics 22, 23), from 1970 to 2199. They are looked for in the stretches between two changes of
/// the clocks, in which local time is as regular as the calendar: a stretch costs about as much as a month or two of looking.
/// </summary>
public sealed class CronCalendar(CronExpression expression, CronZone zone)
{
    public CronExpression Expression => expression;

    public CronZone Zone => zone;

    /// <summary>Whether its text has a field for seconds.</summary>
    public bool HasSeconds { get; init; }

    /// <summary>The first one after an instant; none where the calendar ends.</summary>
    public CronFire? Next(DateTimeOffset after)
    {
        var from = after.UtcDateTime < CronZone.Earliest ? CronZone.Earliest : after.UtcDateTime.AddTicks(after.UtcTicks == DateTime.MaxValue.Ticks ? 0 : 1);
        for (var at = from; at < CronZone.Latest;)
        {
            var span = zone.SpanAt(at);
            if (FirstIn(span, at) is { } fire)
                return fire;
            at = span.End;
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
            if (LastIn(span, at) is { } fire)
                return fire;
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

    CronFire? FirstIn(OffsetSpan span, DateTime from)
    {
        // From the change on, local times were here before as far as the clocks had come: fixed ones are not due again.
        var local = from + span.Offset;
        if (expression.IsFixed && span.Before != span.Offset)
        {
            if (from <= span.Start && Skipped(span) is { } skipped)
                return Moved(span, skipped);
            local = Later(local, span.Reached);
        }

        return expression.First(local, span.LocalEnd) is { } found ? Fire(span, found) : null;
    }

    CronFire? LastIn(OffsetSpan span, DateTime to)
    {
        var skipped = expression.IsFixed ? Skipped(span) : null;
        // What is due as the clocks go on is one fire, together with what they show then.
        var first = !expression.IsFixed ? span.LocalStart : skipped is null ? Later(span.LocalStart, span.Reached) : span.LocalStart.AddTicks(1);
        if (expression.Last(first, Earlier(to, span.End) + span.Offset) is { } found)
            return Fire(span, found);
        return skipped is { } local ? Moved(span, local) : null;
    }

    /// <summary>The first of its times that the clocks leave out as the stretch begins.</summary>
    DateTime? Skipped(OffsetSpan span) => span.Reached < span.LocalStart ? expression.First(span.Reached, span.LocalStart) : null;

    static CronFire Moved(OffsetSpan span, DateTime skipped) =>
        new(new(span.Start), span.Offset, new(ClockEffect.Moved, skipped, span.Reached, span.LocalStart));

    CronFire Fire(OffsetSpan span, DateTime local) =>
        new(new(DateTime.SpecifyKind(local - span.Offset, DateTimeKind.Utc)), span.Offset, expression.IsFixed ? OfFixed(span, local) : OfRunning(span, local));

    ClockChange? OfFixed(OffsetSpan span, DateTime local)
    {
        if (span.End >= CronZone.Latest)
            return null;
        var next = zone.SpanAt(span.End);
        return local >= next.LocalStart && local < next.Reached ? new(ClockEffect.FirstOfTwo, local, next.Reached, next.LocalStart) : null;
    }

    ClockChange? OfRunning(OffsetSpan span, DateTime local)
    {
        if (local < span.Reached)
            return new(ClockEffect.SecondOfTwo, local, span.Reached, span.LocalStart);
        return Skipped(span) is { } skipped && expression.First(span.LocalStart, local) is null
            ? new(ClockEffect.LeftOut, skipped, span.Reached, span.LocalStart)
            : null;
    }

    static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    static DateTime Earlier(DateTime one, DateTime other) => one < other ? one : other;
}
