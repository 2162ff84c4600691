using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// The rows as this scheduler's last groups left them: jobs with their counters, and the runs that something will come for soon, an outcome or
/// a timer. Only a saving: every commit compares before it writes. Used by one group at a time.
/// </summary>
public sealed class RunCache(TimeProvider time)
{
    /// <summary>Where other schedulers write the same jobs, guessing is a round trip lost, not won.</summary>
    static readonly TimeSpan DistrustFor = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);
    const int MostJobs = 10_000;
    const long MostBytes = 16 << 20;
    const int PerRun = 500;

    readonly Dictionary<JobKey, JobLoad> loads = [];
    readonly Dictionary<RunKey, Run> runs = [];
    long bytes;
    long? distrusted;

    /// <summary>All that a group needs; null when something of it has to be read.</summary>
    public KnownRows? Find(RunKeys keys)
    {
        if (keys.Picks.Count > 0 || keys.Jobs.Count == 0 || (distrusted is { } since && time.GetElapsedTime(since) < DistrustFor))
            return null;
        var knownLoads = new Dictionary<JobKey, JobLoad>(keys.Jobs.Count);
        foreach (var key in keys.Jobs)
            if (loads.TryGetValue(key, out var load))
                knownLoads.Add(key, load);
            else
                return null;
        var knownRuns = new Dictionary<RunKey, Run>(keys.Runs.Count);
        foreach (var key in keys.Runs)
            if (runs.TryGetValue(key, out var run))
                knownRuns.Add(key, run);
            else if (!keys.Created.Contains(key))
                return null;
        return new(knownLoads, knownRuns);
    }

    /// <summary>Learns what a committed group has seen and left.</summary>
    public void Keep(RunSession session, IRunTransaction transaction)
    {
        if (loads.Count > MostJobs)
            loads.Clear();
        foreach (var key in transaction.Loads.Keys)
            loads[key] = session.Load(key);
        foreach (var run in session.Seen)
            Keep(new(run.OrgId, run.Id), run, session.Now);
    }

    /// <summary>Somebody else has written: nothing is believed for a while.</summary>
    public void Distrust()
    {
        Clear();
        distrusted = time.GetTimestamp();
    }

    public void Clear()
    {
        loads.Clear();
        runs.Clear();
        bytes = 0;
    }

    void Keep(RunKey key, Run run, DateTimeOffset now)
    {
        if (runs.Remove(key, out var before))
            bytes -= SizeOf(before);
        if (!(run.IsRunning || (run.IsAsleep && run.WakeAt - now < Soon)) || bytes + SizeOf(run) > MostBytes)
            return;
        runs.Add(key, run);
        bytes += SizeOf(run);
    }

    static long SizeOf(Run run) => PerRun + run.Payload.Length + run.Trigger.Detail.Length;
}
