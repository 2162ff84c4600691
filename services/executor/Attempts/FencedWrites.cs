using System.Diagnostics.Metrics;

namespace ReactorJobs.Executor.Attempts;

/// <summary>Counts what came too late: a write of an attempt that is over.</summary>
static class FencedWrites
{
    static readonly Meter Meter = new("ReactorJobs.Executor");
    static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "reactor_jobs_fenced_writes_total", description: "Writes of attempts that were refused because a newer attempt exists or the attempt is over.");

    public static void Count() => Refused.Add(1);
}
