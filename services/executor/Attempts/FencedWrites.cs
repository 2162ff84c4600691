using System.Diagnostics.Metrics;

namespace ReactorJobs.Executor.Attempts;

/// <summary>Counts what came too late: a write of an attempt that is over.</summary>
static class FencedWrites
{
    static readonly Meter Meter = new("ReactorJobs.Executor");
    static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "reactor_jobs_fenced_writes_total", description: "Writes of attempts that were refused because a newer attempt exists (reason newer_attempt) or the attempt is over (over).");

    public static void Count(bool isNewerAttempt) => Refused.Add(1, new KeyValuePair<string, object?>("reason", isNewerAttempt ? "newer_attempt" : "over"));
}
