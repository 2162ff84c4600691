namespace ReactorJobs.Scheduler.TextSchedules;

enum TextBound
{
    /// <summary>The values themselves.</summary>
    None,

    /// <summary>The first value and what is greater.</summary>
    After,

    /// <summary>What is less than the last value.</summary>
    Before,
}

/// <summary>What one part of a text asks of a time: <c>on the 5th day</c>, <c>before 5:00 pm</c>.</summary>
/// <param name="Values">In the order in which they were said, which is how they are looked through.</param>
/// <param name="IsEvery">They were said by <c>every</c>.</param>
sealed record TextConstraint(TimePeriod Period, TextBound Bound, IReadOnlyList<int> Values, bool IsEvery)
{
    /// <summary>How long what it asks for lasts: a search asks for the longest first, and what it finds begins where the shortest one does.</summary>
    public long Seconds => Bound switch
    {
        TextBound.After => (Period.Most - Values[0]) * Period.Seconds,
        TextBound.Before => (Values[^1] - 1) * Period.Seconds,
        _ => Period.Seconds,
    };

    /// <summary>Whether there are such times at all.</summary>
    public bool IsPossible => Values.Count > 0 || Period.EmptyIsLast;

    /// <summary>Where to go on looking from a time; the time itself where it is as asked, and none where no other one will be.</summary>
    public DateTime? Toward(DateTime at)
    {
        var extent = Period.Extent(at);
        var value = Values.Count == 0 ? 0 : Ahead(Period.Value(at), extent);
        var holds = Bound switch
        {
            TextBound.After => Period.Value(at) >= Values[0],
            TextBound.Before => Period.Value(at) < Values[^1],
            _ => Period.Is(at, value),
        };
        return holds ? at : Next(at, value);
    }

    /// <summary>Where it ends to be as asked, from a time at which it is; none where it does not end.</summary>
    public DateTime? Beyond(DateTime at) => NotListed(Period.Value(at), Period.Extent(at)) is { } value ? Next(at, value) : null;

    DateTime? Next(DateTime at, int value) => Period.Next(at, Bound switch
    {
        TextBound.After => value == Values[0] ? value : Period.Extent(at).Least,
        TextBound.Before => value == Values[^1] ? Period.Extent(at).Least : Values[^1],
        _ => value,
    });

    /// <summary>
    /// The value that comes next, a value's own included. They are looked through from behind, as far as they are ahead: one that was said after a
    /// greater one is found only where the clock shows it already.
    /// </summary>
    int Ahead(int value, (int Least, int Most) extent)
    {
        var ahead = Values[0];
        for (var i = Values.Count - 1; i >= 0; i--)
        {
            if (Values[i] == value)
                return value;
            var isLast = Values[i] == 0 && extent.Least != 0;
            if (Values[i] < value && !(isLast && extent.Most > value))
                break;
            ahead = Values[i];
        }

        return ahead;
    }

    /// <summary>The value after those that follow each other from here on; none where all are listed.</summary>
    int? NotListed(int value, (int Least, int Most) extent)
    {
        var last = Values.Count > 0 && Values[^1] == 0 && extent.Least != 0 ? extent.Most : 0;
        int Listed(int i) => i >= 0 && i < Values.Count && Values[i] != 0 ? Values[i] : last;
        var at = Values.Count - 1;
        while (at >= 0 && Values[at] != value)
            at--;
        var next = value;
        while (next == Listed(at))
        {
            next = next >= extent.Most ? extent.Least : next + 1;
            at = at + 1 == Values.Count ? 0 : at + 1;
            if (next == value)
                return null;
        }

        return next;
    }
}
