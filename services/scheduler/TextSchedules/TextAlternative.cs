namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>How much a search may still look at. A text that never comes costs no more than one that comes seldom.</summary>
sealed class SearchBudget
{
    const int Steps = 200_000;

    int left = Steps;

    public bool Spend() => left-- > 0;
}

/// <summary>What a text asks for between two <c>also</c>: ranges of time in which all of its constraints hold.</summary>
sealed class TextAlternative
{
    /// <summary>Ten times as far as later.js looks, which covers a day of every year.</summary>
    const int MostSteps = 10_000;

    readonly TextConstraint[] constraints;

    // The shortest one: what it counts is the length of a range, and where a range begins.
    readonly TimePeriod tick;

    /// <param name="constraints">At least one.</param>
    public TextAlternative(IEnumerable<TextConstraint> constraints)
    {
        this.constraints = [.. constraints.OrderByDescending(x => x.Seconds)];
        tick = this.constraints[^1].Period;
    }

    /// <summary>
    /// Whether it names its times rather than going with the clocks (semantics 23): a time of day, an hour that no <c>every</c> has given, or a day.
    /// </summary>
    public bool IsFixed =>
        constraints.Any(x => x is { Bound: TextBound.None, Period: ClockTimePeriod })
        || constraints.All(x => !x.Period.DividesDays)
        || (constraints.Any(x => x is { Bound: TextBound.None, Period: HourPeriod }) && !constraints.Any(x => x.IsEvery && x.Period.DividesDays));

    /// <summary>Where the range begins that holds a time or is the first after it; none where there is no more, or it is too far away to be found.</summary>
    public DateTime? StartFrom(DateTime at, SearchBudget budget)
    {
        if (!constraints.All(x => x.IsPossible))
            return null;
        for (var steps = 0; steps < MostSteps && at < TextSchedule.End && budget.Spend(); steps++)
        {
            var next = Step(at);
            if (next == at)
                return tick.Start(at);
            if (next is not { } later)
                return null;
            at = later;
        }

        return null;
    }

    /// <summary>Where a range ends that holds a time; none where it does not end.</summary>
    public DateTime? EndFrom(DateTime at)
    {
        DateTime? end = null;
        foreach (var constraint in constraints)
            if (constraint.Beyond(at) is { } beyond && !(beyond > end))
                end = beyond;
        return end;
    }

    /// <summary>The first moment after the piece of a range that holds a time: where the next one is looked for.</summary>
    public DateTime After(DateTime at) => tick.End(at).AddSeconds(1);

    /// <summary>To where the first constraint leads that does not hold; the time itself where all do.</summary>
    DateTime? Step(DateTime at)
    {
        foreach (var constraint in constraints)
            if (constraint.Toward(at) is var next && next != at)
                return next;
        return at;
    }
}
