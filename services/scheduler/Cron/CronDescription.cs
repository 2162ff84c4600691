using System.Globalization;

namespace ReactorJobs.Scheduler.Cron;

/// <summary>
/// A schedule in words: <c>every weekday at 09:00, New York</c>. Where there is no shorter way of saying it, the values of the fields are named;
/// two schedules whose fields have different values never have the same words.
/// </summary>
public static class CronDescription
{
    const int MostClockTimes = 4;

    static readonly string[] Weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    static readonly string[] MonthNames = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    /// <summary>A text is in words already.</summary>
    public static string Of(CronCalendar calendar) => calendar.Times is CronExpression expression ? $"{Of(expression)}, {Place(calendar.Zone.Id)}" : calendar.Times.Text;

    public static string Of(CronExpression expression)
    {
        if (ClockTimes(expression) is { } times)
            return $"{Days(expression, on: false)} at {times}";
        var days = Days(expression, on: true);
        return days.Length == 0 ? Rhythm(expression) : $"{Rhythm(expression)} {days}";
    }

    /// <summary>The city that a zone is named after, or the zone.</summary>
    static string Place(string zone) =>
        zone.StartsWith("Etc/", StringComparison.Ordinal) || !zone.Contains('/', StringComparison.Ordinal) ? zone : zone[(zone.LastIndexOf('/') + 1)..].Replace('_', ' ');

    /// <summary>The times of a day, where they are few.</summary>
    static string? ClockTimes(CronExpression expression)
    {
        var isEven = expression.Hours.Count > 2 && Interval(expression.Hours, 24) is not null;
        if (isEven || expression.Hours.Count * expression.Minutes.Count * expression.Seconds.Count > MostClockTimes)
            return null;
        return List(
            from hour in expression.Hours.All()
            from minute in expression.Minutes.All()
            from second in expression.Seconds.All()
            select second == 0 ? $"{hour:00}:{minute:00}" : $"{hour:00}:{minute:00}:{second:00}");
    }

    static string Rhythm(CronExpression expression) => OfSeconds(expression.Seconds, OfMinutes(expression.Minutes, expression.Hours));

    static string OfSeconds(CronValues seconds, string minutes) => (seconds.Bits, Interval(seconds, 60)) switch
    {
        (1, _) => minutes,
        (_, 1) => minutes == "every minute" ? "every second" : $"{minutes}, every second of that minute",
        (_, { } interval) => minutes == "every minute" ? $"every {interval} seconds" : $"{minutes}, every {interval} seconds of that minute",
        _ => $"{minutes}, at {Named("second", seconds)}",
    };

    static string OfMinutes(CronValues minutes, CronValues hours)
    {
        var (everyMinutes, everyHours) = (Interval(minutes, 60), Interval(hours, 24));
        var rhythm = everyMinutes switch { 1 => "every minute", { } n => $"every {n} minutes", _ => null };
        if (everyHours == 1)
            return rhythm ?? $"every hour{AtMinutes(minutes)}";
        if (rhythm is null && everyHours is { } interval)
            return $"every {interval} hours{AtMinutes(minutes)}";
        if (hours.Last - hours.First == hours.Count - 1 && (hours.Count > 1 || rhythm is not null))
            return $"{rhythm ?? $"every hour{AtMinutes(minutes)}"} from {hours.First:00}:{minutes.First:00} to {hours.Last:00}:{minutes.Last:00}";
        return $"{rhythm ?? $"at {Named("minute", minutes)}"} of {Named("hour", hours)}";
    }

    static string AtMinutes(CronValues minutes) => minutes.Bits == 1 ? "" : $" at {Named("minute", minutes)}";

    /// <summary>The days: <c>every weekday</c>, or <c>on weekdays</c> after something else.</summary>
    static string Days(CronExpression expression, bool on)
    {
        var (days, weekdays, months) = (expression.DaysOfMonth, expression.DaysOfWeek, expression.Months);
        var (allDays, allWeekdays) = (days.Count == CronField.DayOfMonth.Period, weekdays.Count == CronField.DayOfWeek.Period);
        var (inMonths, ofMonths) = months.Count == CronField.Month.Period ? ("", "every month") : ($" in {Months(months)}", Months(months));
        if (expression.EitherDay ? allDays || allWeekdays : allDays && allWeekdays)
            return on ? inMonths.TrimStart() : $"every day{inMonths}";
        if (allDays)
            return OfWeekdays(weekdays, on) + inMonths;
        if (allWeekdays)
            return $"on {Dates(days, "and")} of {ofMonths}";
        return expression.EitherDay
            ? $"on {Dates(days, "and")} of {ofMonths} and {OfWeekdays(weekdays, on)}{inMonths}"
            : $"{OfWeekdays(weekdays, on)} that {(on ? "are" : "is")} {Dates(days, "or")} of {ofMonths}";
    }

    static string Months(CronValues months) => List(months.All().Select(x => MonthNames[x - 1]));

    static string OfWeekdays(CronValues weekdays, bool on)
    {
        const ulong mondayToFriday = 0b0111110;
        if (weekdays.Bits == mondayToFriday)
            return on ? "on weekdays" : "every weekday";
        // A week is read from Monday on.
        var names = weekdays.All().OrderBy(x => (x + 6) % 7).Select(x => Weekdays[x]);
        return on ? $"on {List(names.Select(x => x + "s"))}" : $"every {List(names)}";
    }

    static string Dates(CronValues days, string last) => days.Count <= 3
        ? $"the {List(days.All().Select(Ordinal), last)}"
        : Named("day", days, last);

    static string Ordinal(int day) => day + (day is >= 11 and <= 13 ? "th" : (day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });

    /// <summary>How far apart the values are, where they go round evenly from zero on.</summary>
    static int? Interval(CronValues values, int period)
    {
        if (values.Count < 2 || period % values.Count != 0)
            return null;
        var interval = period / values.Count;
        for (var value = 0; value < period; value += interval)
            if (!values.Has(value))
                return null;
        return interval;
    }

    /// <summary>The values by number, runs of them shortened.</summary>
    static string Named(string what, CronValues values, string last = "and")
    {
        var runs = new List<(int From, int To)>();
        foreach (var value in values.All())
            if (runs.Count > 0 && runs[^1].To == value - 1)
                runs[^1] = (runs[^1].From, value);
            else
                runs.Add((value, value));
        var shown = runs.SelectMany(x => x.To - x.From >= 2 ? [$"{x.From} to {x.To}"] : Enumerable.Range(x.From, x.To - x.From + 1).Select(y => y.ToString(CultureInfo.InvariantCulture)));
        return $"{what}{(values.Count == 1 ? "" : "s")} {List(shown, last)}";
    }

    static string List(IEnumerable<string> items, string last = "and")
    {
        var all = items.ToArray();
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} {last} {all[^1]}";
    }
}
