namespace ReactorJobs.Scheduler.Cron;

/// <summary>What becomes of a nominal time, as the fire ledger says it.</summary>
public static class FireOutcomes
{
    public const string Fired = "fired";

    /// <summary>Fired, at the first moment after the clocks had skipped its time.</summary>
    public const string Moved = "moved";

    /// <summary>Fired late, after nobody was there in time.</summary>
    public const string CaughtUp = "caught_up";

    /// <summary>Nobody was there in time, and it is not made up for.</summary>
    public const string Missed = "missed";

    /// <summary>A run of the same trigger had not ended.</summary>
    public const string Skipped = "skipped";

    /// <summary>Decided to fire, and its run is yet to start; no entry stays so.</summary>
    public const string Queued = "queued";
}

/// <param name="Reason">For people; none where it fired as it should.</param>
public sealed record LedgerEntry(DateTimeOffset NominalAt, string Outcome, string? Reason)
{
    /// <summary>Whether a run follows, as far as overlap lets it.</summary>
    public bool Fires => Outcome is FireOutcomes.Fired or FireOutcomes.Moved or FireOutcomes.CaughtUp;
}

/// <param name="Entries">Of the nominal times that are due, the oldest first.</param>
/// <param name="Unlisted">Where there were more than are listed: those up to this one are missed, and have no entry.</param>
public sealed record DueFires(IReadOnlyList<LedgerEntry> Entries, DateTimeOffset? Unlisted);

/// <summary>What becomes of nominal times that nobody was there for.</summary>
/// <param name="Policy"><see cref="Skip"/>, <see cref="Last"/> or <see cref="All"/>.</param>
/// <param name="Window">What is later than this is missed whatever the policy.</param>
public sealed record MisfirePolicy(string Policy, TimeSpan Window)
{
    /// <summary>None is made up for.</summary>
    public const string Skip = "skip";

    /// <summary>The newest one is, where none has come in time since.</summary>
    public const string Last = "last";

    /// <summary>Each one is, in its order.</summary>
    public const string All = "all";

    /// <summary>A ledger of a year of lost seconds helps nobody, and a thousand runs at once are enough.</summary>
    public const int MostListed = 1000;

    public static readonly string[] Names = [Skip, Last, All];

    /// <summary>No later than this is in time: another scheduler has taken over, or the machine was busy.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(366);

    /// <summary>A nightly job that nobody was there for runs in the morning, once.</summary>
    public static readonly MisfirePolicy Default = new(Last, TimeSpan.FromDays(1));

    /// <summary>Decides on all that is due, as <see cref="CronCalendar.Backwards"/> gives it.</summary>
    /// <param name="due">From what was decided last (not included) to <paramref name="now"/>, the newest first. No more are asked for than are listed.</param>
    public DueFires Decide(IEnumerable<CronFire> due, DateTimeOffset now)
    {
        var newest = due.Take(MostListed + 1).ToArray();
        var entries = newest.Take(MostListed).Select((fire, i) => Entry(fire, now - fire.At, isNewest: i == 0)).Reverse().ToArray();
        return new(entries, newest.Length > MostListed ? newest[^1].At : null);
    }

    LedgerEntry Entry(CronFire fire, TimeSpan late, bool isNewest)
    {
        if (late <= Grace)
            return new(fire.At, fire.Change?.Effect == ClockEffect.Moved ? FireOutcomes.Moved : FireOutcomes.Fired, fire.Note);
        if (Missed(late, isNewest) is { } why)
            return new(fire.At, FireOutcomes.Missed, Reason(fire, $"{Show(late)} late, {why}"));
        return new(fire.At, FireOutcomes.CaughtUp, Reason(fire, $"{Show(late)} late"));
    }

    string? Missed(TimeSpan late, bool isNewest) =>
        Policy == Skip ? "and nothing is caught up"
        : Policy == Last && !isNewest ? "and only the newest is caught up"
        : late > Window ? $"and the window is {Show(Window)}"
        : null;

    static string Reason(CronFire fire, string reason) => fire.Change?.Effect == ClockEffect.Moved ? $"{reason}; {fire.Note}" : reason;

    /// <summary>Two units say enough.</summary>
    static string Show(TimeSpan time)
    {
        var parts = new[] { (time.Days, "d"), (time.Hours, "h"), (time.Minutes, "min"), (time.Seconds, "s") }.SkipWhile(x => x.Item1 == 0).Take(2).Where(x => x.Item1 > 0).ToArray();
        return parts.Length == 0 ? "0 s" : string.Join(' ', parts.Select(x => $"{x.Item1} {x.Item2}"));
    }
}
