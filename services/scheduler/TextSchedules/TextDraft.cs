namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>What of a text has been read: its alternatives and its exceptions, and what each of these asks for.</summary>
sealed class TextDraft
{
    /// <summary>Far more than there are days in a year, and few enough to be written down.</summary>
    public const int MostValues = 2500;

    readonly List<Dictionary<(TimePeriod, TextBound), Asked>> alternatives = [];
    readonly List<Dictionary<(TimePeriod, TextBound), Asked>> exceptions = [];
    readonly List<(int At, Dictionary<(TimePeriod, TextBound), Asked> Begun)> begun = [];
    List<Dictionary<(TimePeriod, TextBound), Asked>>? afterExcept;
    Dictionary<(TimePeriod, TextBound), Asked>? current;
    int exceptAt;
    int counted;
    (int At, string Rule)? wrong;

    /// <summary>What cannot be seen before the text is at its end.</summary>
    public (int At, string Rule)? Mistake =>
        wrong ?? begun.Where(x => x.Begun.Count == 0).Select(x => ((int, string)?)(x.At, "is followed by no other schedule")).FirstOrDefault();

    public void Add(TimePeriod period, IEnumerable<int> values, TextBound bound = TextBound.None) => Asking(period, bound).Add(values);

    public EveryDraft AddEvery(TimePeriod period, int number)
    {
        var asked = Asking(period, TextBound.None);
        asked.IsEvery = true;
        var every = new EveryDraft(this, period, asked, Math.Max(number, 1));
        every.Between(period.First, period.Last, isCounted: false);
        return every;
    }

    /// <summary>False where that makes too many.</summary>
    public bool AddRange(List<int> values, int first, int last, int step)
    {
        counted = (int)Math.Min(counted + (((long)last - first) / step) + 1, int.MaxValue);
        if (counted > MostValues)
            return false;
        for (long value = first; value <= last; value += step)
            values.Add((int)value);
        return true;
    }

    public void Also(int at)
    {
        current = [];
        begun.Add((at, current));
        (afterExcept ?? alternatives).Add(current);
    }

    public void Except(int at)
    {
        (afterExcept, current, exceptAt) = (exceptions, null, at);
    }

    public TextSchedule Finish(string text) => new(text, Made(alternatives), Made(exceptions));

    Asked Asking(TimePeriod period, TextBound bound)
    {
        if (current is null)
        {
            if (afterExcept is { Count: > 0 })
                wrong ??= (exceptAt, "stands once; write also between exceptions");
            current = [];
            (afterExcept ?? alternatives).Add(current);
        }

        if (!current.TryGetValue((period, bound), out var asked))
            current[(period, bound)] = asked = new();
        return asked;
    }

    static TextAlternative[] Made(IEnumerable<Dictionary<(TimePeriod Period, TextBound Bound), Asked>> alternatives) =>
        [.. alternatives.Select(x => new TextAlternative(x.Select(y => new TextConstraint(y.Key.Period, y.Key.Bound, y.Value.Values, y.Value.IsEvery))))];

    /// <summary>The values of one period, each once, in the order in which they were said.</summary>
    public sealed class Asked
    {
        readonly HashSet<int> known = [];

        public List<int> Values { get; } = [];

        public bool IsEvery { get; set; }

        public void Add(IEnumerable<int> values) => Values.AddRange(values.Where(known.Add));

        public void KeepFirst(int count)
        {
            Values.RemoveRange(count, Values.Count - count);
            known.IntersectWith(Values);
        }
    }

    /// <summary>An <c>every</c> that may still be told where it begins and ends.</summary>
    public sealed class EveryDraft(TextDraft draft, TimePeriod period, Asked asked, int step)
    {
        readonly int before = asked.Values.Count;

        /// <param name="to">None: as far as the period goes.</param>
        /// <returns>False where there are too many.</returns>
        public bool Between(int? from, int? to, bool isCounted = true)
        {
            asked.KeepFirst(before);
            if (from is not { } first)
                return true;
            var values = new List<int>();
            var last = to ?? period.Last;
            if (!isCounted)
            {
                for (long value = first; value <= last; value += step)
                    values.Add((int)value);
            }
            else if (first <= last && !draft.AddRange(values, first, last, step))
            {
                return false;
            }

            asked.Add(values);
            return true;
        }
    }
}
