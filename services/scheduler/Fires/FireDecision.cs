using System.Security.Cryptography;
using System.Text;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>A nominal time as the ledger keeps it.</summary>
/// <param name="RunId">Of the run that starts for it, or waits for its start.</param>
/// <param name="ByHand">Somebody has asked for it; the schedule has not.</param>
public sealed record Fire(DateTimeOffset NominalAt, string Outcome, string? Reason, RunId? RunId, bool ByHand = false)
{
    /// <summary>The run of a trigger's nominal time: whoever computes it again, after a crash or elsewhere, gets the same id, which sorts by that time.</summary>
    public static RunId IdOf(string trigger, DateTimeOffset nominal)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{trigger} {nominal.ToUnixTimeMilliseconds()}"));
        return new(Ulid.Create(nominal, hash.AsSpan(0, 10)));
    }

    /// <summary>
    /// A fire that somebody asks for now. No nominal time of a schedule is within a second, so that it never takes the place of one.
    /// </summary>
    public static Fire Now(string trigger, DateTimeOffset now)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds() + (now.Millisecond == 0 ? 1 : 0));
        return new(at, FireOutcomes.Fired, "fired by hand", IdOf(trigger, at), ByHand: true);
    }
}

/// <summary>A cron trigger as its transaction finds it.</summary>
/// <param name="Settings">None where they cannot be read any more: a zone may be gone.</param>
/// <param name="DecidedUntil">What its nominal times are up to here is in the ledger.</param>
/// <param name="Unfinished">Its runs that have not ended, those too that are yet to start, the oldest first; read where overlap matters.</param>
public sealed record CronState(string Trigger, string Job, CronTrigger Settings, bool Paused, DateTimeOffset DecidedUntil, IReadOnlyList<RunId> Unfinished);

/// <summary>What becomes of a trigger's nominal times up to a moment.</summary>
/// <param name="NextAt">None while it is paused, and where its calendar ends.</param>
public sealed record FireDecision(IReadOnlyList<Fire> Fires, DateTimeOffset DecidedUntil, DateTimeOffset? NextAt, bool Paused)
{
    /// <summary>All that is due by the schedule, by what is to become of missed ones, and by which runs have not ended; null where nothing is.</summary>
    public static FireDecision? OfDue(CronState state, DateTimeOffset now)
    {
        if (state.Paused)
            return null;
        var due = state.Settings.Misfire.Decide(state.Settings.Schedule.Backwards(state.DecidedUntil, now), now);
        if (due.Entries.Count == 0)
            return null;
        var entries = due.Unlisted is null ? due.Entries : [Explained(due.Entries[0]), .. due.Entries.Skip(1)];
        return new(Overlapping(state, entries), now, state.Settings.Schedule.Next(now)?.At, Paused: false);
    }

    /// <summary>What is due is decided as ever, and nothing after it.</summary>
    public static FireDecision Pause(CronState state, DateTimeOffset now) =>
        (OfDue(state, now) ?? new([], state.DecidedUntil, null, false)) with { NextAt = null, Paused = true };

    /// <summary>What passed meanwhile is not made up for, and the ledger says so.</summary>
    public static FireDecision Resume(CronState state, DateTimeOffset now)
    {
        if (!state.Paused)
            return OfDue(state, now) ?? new([], state.DecidedUntil, state.Settings.Schedule.Next(state.DecidedUntil)?.At, Paused: false);
        const string reason = "the trigger was paused";
        var passed = state.Settings.Schedule.Backwards(state.DecidedUntil, now).Take(MisfirePolicy.MostListed + 1).ToArray();
        var entries = passed.Take(MisfirePolicy.MostListed).Select(x => new LedgerEntry(x.At, FireOutcomes.Missed, reason)).Reverse().ToArray();
        if (passed.Length > MisfirePolicy.MostListed)
            entries[0] = Explained(entries[0]);
        var until = now > state.DecidedUntil ? now : state.DecidedUntil;
        return new([.. entries.Select(x => new Fire(x.NominalAt, x.Outcome, x.Reason, null))], until, state.Settings.Schedule.Next(until)?.At, Paused: false);
    }

    static List<Fire> Overlapping(CronState state, IReadOnlyList<LedgerEntry> entries)
    {
        var unfinished = state.Unfinished.ToList();
        var fires = new List<Fire>(entries.Count);
        var last = entries.LastOrDefault(x => x.Fires);
        foreach (var entry in entries)
        {
            var run = Fire.IdOf(state.Trigger, entry.NominalAt);
            var reason = !entry.Fires ? ""
                : state.Settings.Overlap == Overlap.CancelRunning && entry != last ? "the next one would have ended its run at once"
                : Overlap.Of(state.Settings.Overlap, unfinished) is Overlap.Omit omitted ? omitted.Reason : null;
            if (reason is null)
                unfinished.Add(run);
            fires.Add(
                reason is null ? new(entry.NominalAt, entry.Outcome, entry.Reason, run)
                : reason.Length == 0 ? new(entry.NominalAt, entry.Outcome, entry.Reason, null)
                : new(entry.NominalAt, FireOutcomes.Skipped, entry.Reason is null ? reason : $"{entry.Reason}; {reason}", null));
        }

        return fires;
    }

    /// <summary>The oldest that is listed speaks for those before it.</summary>
    static LedgerEntry Explained(LedgerEntry oldest) =>
        oldest with { Reason = $"{(oldest.Reason is null ? "" : oldest.Reason + "; ")}those before it that are not listed were missed" };
}
