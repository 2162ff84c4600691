using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Scheduler.TextSchedules;

/// <summary>
/// Reads a text clause by clause. A clause with a mistake is read to its end, and the last place in it that was not as expected is the one that is
/// told, as later.js does it.
/// </summary>
sealed class TextParser(string text)
{
    readonly TextWords words = new(text);
    readonly TextDraft draft = new();
    (int At, string Rule)? mistake;

    public TextSchedule Read()
    {
        while (!words.IsAtEnd && mistake is null)
            ReadClause();
        mistake ??= draft.Mistake;
        if (mistake is { } found)
            throw Wrong(found.At, found.Rule);
        return draft.Finish(TextWords.InOneSpelling(text));
    }

    void ReadClause()
    {
        switch (ExpectOneOf(TextWords.Clauses, "must be every, at, on, on the, of, in, after, before, and, also or except"))
        {
            case Clause.Every: ReadEvery(); break;
            case Clause.After: ReadBound(TextBound.After); break;
            case Clause.Before: ReadBound(TextBound.Before); break;
            case Clause.OnThe: ReadOnThe(); break;
            case Clause.On: draft.Add(TimePeriods.Weekday, ReadRanges(() => ExpectOneOf(TextWords.Weekdays, "must be the name of a day, such as mon or monday"))); break;
            case Clause.Of: draft.Add(TimePeriods.Month, ReadRanges(() => ExpectOneOf(TextWords.Months, "must be the name of a month, such as jan or january") is > 0 and var month ? month : null)); break;
            case Clause.In: draft.Add(TimePeriods.Year, ReadRanges(() => Expect(words.Year(), "must be a year of four digits"))); break;
            case Clause.At: ReadAt(); break;
            case Clause.Also: draft.Also(words.TokenAt); break;
            case Clause.Except: draft.Except(words.TokenAt); break;
        }
    }

    void ReadEvery()
    {
        if (words.Take(TextWords.DaySets) is { } weekdays)
        {
            draft.Add(TimePeriods.Weekday, weekdays);
            return;
        }

        var number = words.Number();
        // "every day": a period without a number is one of it.
        if (number is null && words.Peek(TextWords.Periods) is not null)
            number = 1;
        Expect(number, "must be a number, such as 5 or 5th, or a period, such as day");
        var period = ExpectPeriod();
        var every = period is null ? null : draft.AddEvery(period, number ?? 1);
        if (words.Take(TextWords.Starting))
        {
            Count(every?.Between(ExpectNumber(), null));
            if (period is not null)
                Expect(words.Take(TextWords.SpellingsOf(period)), "must be the same period as before");
        }
        else if (words.Take(TextWords.Between))
        {
            var from = ExpectNumber();
            if (words.Take(TextWords.And))
            {
                var to = ExpectNumber();
                Count(to is null ? null : every?.Between(from, to));
            }
        }
    }

    void ReadBound(TextBound bound)
    {
        if (words.Time() is { } time)
        {
            draft.Add(TimePeriods.ClockTime, [time], bound);
            return;
        }

        var number = ExpectNumber("must be a time, such as 5:00 pm, or a number and what it counts");
        AddTo(ExpectPeriod(), _ => [number ?? 0], bound);
    }

    void ReadOnThe()
    {
        if (words.Take(TextWords.First))
            AddTo(ExpectPeriod(), x => [x.First]);
        else if (words.Take(TextWords.Last))
            AddTo(ExpectPeriod(), x => [x.LastDiffers ? 0 : x.Last]);
        else
        {
            var values = ReadRanges(() => ExpectNumber("must be first, last or a number, such as 5 or 5th"));
            AddTo(ExpectPeriod(), _ => values);
        }
    }

    void ReadAt()
    {
        do
            draft.Add(TimePeriods.ClockTime, Expect(words.Time(), "must be a time, such as 5:00 pm or 17:00") is { } time ? [time] : []);
        while (words.Take(TextWords.And));
    }

    void AddTo(TimePeriod? period, Func<TimePeriod, IReadOnlyList<int>> values, TextBound bound = TextBound.None)
    {
        if (period is not null)
            draft.Add(period, values(period), bound);
    }

    /// <summary>Values and ranges of them, <c>and</c> between.</summary>
    List<int> ReadRanges(Func<int?> read)
    {
        var values = new List<int>();
        do
        {
            var first = read();
            var last = words.Take(TextWords.Through) ? read() : first;
            // From more to less there is nothing between.
            if (first <= last)
                Count(draft.AddRange(values, first.Value, last.Value, 1));
        }
        while (words.Take(TextWords.And));
        return values;
    }

    TimePeriod? ExpectPeriod() => ExpectOneOf(TextWords.Periods, "must be what is counted, such as mins, day or week of the year");

    int? ExpectNumber(string rule = "must be a number, such as 5 or 5th") => Expect(words.Number(), rule);

    T? ExpectOneOf<T>(IReadOnlyList<(string Spelling, T Value)> table, string rule) => Expect(words.Take(table), rule);

    T Expect<T>(T found, string rule)
    {
        if (found is null or false or Clause.None)
            mistake = (words.TokenAt, rule);
        return found;
    }

    void Count(bool? isShort)
    {
        if (isShort == false)
            mistake = (words.TokenAt, $"ends a range of too many values; all ranges together may have {TextDraft.MostValues}");
    }

    CronException Wrong(int at, string rule)
    {
        var end = at;
        while (end < text.Length && !TextWords.IsBlank(text[end]))
            end++;
        return new("text", text[at..end], at + 1, rule);
    }
}
