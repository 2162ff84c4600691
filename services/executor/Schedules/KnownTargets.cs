using System.Collections.Concurrent;

namespace ReactorJobs.Executor.Schedules;

/// <summary>Jobs that were found lately, so that a handler that schedules much does not ask for each.</summary>
sealed class KnownTargets(TimeProvider time)
{
    /// <summary>A job that is deleted is missed no later than this.</summary>
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    /// <summary>Then the old ones are let go of.</summary>
    const int Many = 10_000;

    readonly ConcurrentDictionary<(string Org, string Target), (string Job, long At)> known = new();

    public string? JobOf(string org, string target) =>
        known.TryGetValue((org, target), out var found) && time.GetElapsedTime(found.At) < Fresh ? found.Job : null;

    public void Learn(string org, string target, string job)
    {
        if (known.Count >= Many)
            foreach (var (key, found) in known)
                if (time.GetElapsedTime(found.At) >= Fresh)
                    known.TryRemove(key, out _);
        known[(org, target)] = (job, time.GetTimestamp());
    }
}
