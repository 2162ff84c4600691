using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Cron;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>A fire that is not done with: its run is yet to start, or may not have ended.</summary>
/// <param name="HasEnded">Its run was started, and has ended or is gone by now.</param>
public sealed record OpenFire(DateTimeOffset NominalAt, RunId RunId, bool ByHand, bool IsStarted, bool HasEnded);

/// <summary>What is to be done about a trigger's open fires. Whoever decides it by what was so a moment ago does no harm: it only grows with time.</summary>
/// <param name="Begin">Their runs start now.</param>
/// <param name="Cancel">Their runs end, so that those can start.</param>
/// <param name="Replaced">Never to start: a newer one has taken their place.</param>
/// <param name="Ended">Nothing about these is open any more.</param>
/// <param name="Wait">How many are left for later.</param>
public sealed record FireStarts(
    IReadOnlyList<OpenFire> Begin, IReadOnlyList<OpenFire> Cancel, IReadOnlyList<OpenFire> Replaced, IReadOnlyList<OpenFire> Ended, int Wait)
{
    /// <param name="overlap">One of <see cref="Overlap.Names"/>.</param>
    /// <param name="open">The oldest first.</param>
    public static FireStarts Of(string overlap, IReadOnlyList<OpenFire> open)
    {
        OpenFire[] ended = [.. open.Where(x => x.HasEnded)];
        OpenFire[] unfinished = [.. open.Where(x => x.IsStarted && !x.HasEnded)];
        OpenFire[] waiting = [.. open.Where(x => !x.IsStarted)];
        return overlap switch
        {
            _ when waiting.Length == 0 => new([], [], [], ended, 0),
            Overlap.Queue => Queued(unfinished, waiting, ended),
            Overlap.CancelRunning => new(
                [waiting[^1]], [.. unfinished.Where(x => x.NominalAt < waiting[^1].NominalAt)], waiting[..^1], ended, 0),
            _ => new(waiting, [], [], ended, 0),
        };
    }

    /// <summary>What somebody has asked for waits for nobody.</summary>
    static FireStarts Queued(OpenFire[] unfinished, OpenFire[] waiting, OpenFire[] ended)
    {
        var next = unfinished.Length == 0 ? waiting.Take(1) : [];
        OpenFire[] begin = [.. waiting.Where(x => x.ByHand).Union(next)];
        return new(begin, [], [], ended, waiting.Length - begin.Length);
    }
}
