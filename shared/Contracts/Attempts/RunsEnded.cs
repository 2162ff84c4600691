namespace ReactorJobs.Contracts;

/// <summary>
/// Tells the other schedulers which attempts have ended, in groups: the one that dispatched them has places free again, and those who wait
/// for these runs can look. Losing it costs a moment: a sweep and a poll find the same. Without attempts it is a word that tells its sender,
/// who hears it too, that the bus still carries.
/// </summary>
/// <param name="Scheduler">This start of the scheduler that tells it.</param>
public sealed record RunsEnded(Guid Scheduler, IReadOnlyList<RunEpoch> Attempts);

/// <summary>One attempt of a run.</summary>
public sealed record RunEpoch(string OrgId, RunId RunId, int Epoch);
