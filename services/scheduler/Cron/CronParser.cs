using System.Globalization;
using ReactorJobs.Hosting;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// Reads one field: a list of <c>*</c>, values and ranges, each with a step or without. <c>5/15</c> is from 5 to the end by 15.
/// </summary>
readonly ref struct CronParser(CronField field, string whole, int start, int end)
{
    const string NotInCrontab = "L, W and # are not taken: crontab has no last day, nearest weekday or nth weekday";

    public CronValues Read()
    {
        var text = whole[start..end];
        // As in the cron of others: there it stands for a day field that the other one decides.
        if (text == "?" && field.IsDay)
            return new(Range(field.Least, field.Most, 1), Star: true);
        var bits = 0UL;
        for (var (from, to) = (start, 0); from <= end; from = to + 1)
        {
            to = whole.IndexOf(',', from, end - from);
            to = to < 0 ? end : to;
            bits |= Item(from, to);
        }

        return new(bits, Star: text[0] == '*');
    }

    ulong Item(int from, int to)
    {
        if (from == to)
            throw Wrong(start, end, "a comma stands between two values");
        if (whole[from..to].Contains('?', StringComparison.Ordinal))
            throw Wrong(from, to, field.IsDay ? "? stands alone, and means any day" : "? is for the day of month or the day of week; write *");
        if (field.IsDay && IsOfQuartz(whole.AsSpan(from, to - from)))
            throw Wrong(from, to, NotInCrontab);

        var slash = whole.IndexOf('/', from, to - from);
        var step = slash < 0 ? 1 : Step(from, slash + 1, to);
        var (least, most) = Bounds(from, slash < 0 ? to : slash, open: slash >= 0);
        return Range(least, most, step);
    }

    (int Least, int Most) Bounds(int from, int to, bool open)
    {
        if (whole.AsSpan(from, to - from) is "*")
            return (field.Least, field.Most);
        var dash = whole.IndexOf('-', from, to - from);
        if (dash < 0)
        {
            var only = Value(from, to);
            return (only, open ? field.Most : only);
        }

        var (first, last) = (Value(from, dash), Value(dash + 1, to));
        // FRI-SUN: the name says which day is meant, the number 0 (or 7) does not.
        if (field == CronField.DayOfWeek && last == 0 && first > 0 && !char.IsAsciiDigit(whole[dash + 1]))
            last = 7;
        return first <= last ? (first, last) : throw Wrong(from, to, $"a range goes upwards; write {Upwards(first, last)}");
    }

    int Value(int from, int to)
    {
        var text = whole[from..to];
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
        {
            return text.TrimStart('0').Length <= 2 && int.Parse(text, CultureInfo.InvariantCulture) is var number && number >= field.Least && number <= field.Most
                ? number
                : throw Wrong(from, to, $"must be {field.Allowed}");
        }

        for (var i = 0; i < field.Names.Count; i++)
            if (field.Names[i].Equals(text, StringComparison.OrdinalIgnoreCase))
                return field.Least + i;
        var meant = field.Names.FirstOrDefault(x => text.StartsWith(x, StringComparison.OrdinalIgnoreCase)) ?? field.Names.FirstOrDefault(x => Spelling.Near(text.ToUpperInvariant(), x));
        var rule = text.Length == 0 ? "a value is missing" : "is no value";
        throw Wrong(text.Length == 0 ? start : from, text.Length == 0 ? end : to, $"{rule}; must be {field.Allowed}{(meant is null ? "" : $"; did you mean {meant}?")}");
    }

    int Step(int item, int from, int to)
    {
        var text = whole.AsSpan(from, to - from);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step >= 1 && step <= field.Period
            ? step
            : throw Wrong(item, to, $"a step must be a number from 1 to {field.Period}");
    }

    /// <summary>Of a range that goes over the end, its two halves.</summary>
    string Upwards(int first, int last)
    {
        var most = field.Least + field.Period - 1;
        string Half(int from, int to) => from == to ? $"{from}" : $"{from}-{to}";
        return $"{Half(Math.Min(first, most), most)},{Half(field.Least, last)}";
    }

    ulong Range(int least, int most, int step)
    {
        var bits = 0UL;
        for (var value = least; value <= most; value += step)
            bits |= 1UL << (field == CronField.DayOfWeek ? value % 7 : value);
        return bits;
    }

    static bool IsOfQuartz(ReadOnlySpan<char> item) =>
        item.Contains('#') || char.ToUpperInvariant(item[^1]) is 'L' or 'W' || char.ToUpperInvariant(item[0]) == 'L';

    CronException Wrong(int from, int to, string rule) => new(field.Name, whole[from..to], from + 1, rule);
}
