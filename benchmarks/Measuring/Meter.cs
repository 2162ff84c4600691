using System.Diagnostics;
using ReactorJobs.Bench.Suite;

namespace ReactorJobs.Bench.Measuring;

/// <summary>Processor time in seconds.</summary>
/// <param name="Worker">With the processes of functions, in which handlers run too.</param>
/// <param name="Others">Of processes that have nothing to do with the measurement.</param>
readonly record struct CpuUse(double Suite, double Postgres, double Worker, double Load, double Others)
{
    public static CpuUse operator -(CpuUse a, CpuUse b) =>
        new(a.Suite - b.Suite, a.Postgres - b.Postgres, a.Worker - b.Worker, a.Load - b.Load, a.Others - b.Others);
}

/// <param name="Load1">The machine's load average when it began.</param>
sealed record Usage(double Seconds, CpuUse Cpu, double Load1);

/// <summary>From its making to <see cref="Stop"/>: time, and whose processor time.</summary>
sealed class Meter(ReactorDev suite, Worker worker)
{
    readonly double load1 = ProcStat.Load1();
    readonly CpuUse before = Look(suite, worker);
    readonly long started = Stopwatch.GetTimestamp();

    public Usage Stop()
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new(seconds, Look(suite, worker) - before, load1);
    }

    static CpuUse Look(ReactorDev suite, Worker worker)
    {
        var ours = new CpuUse(
            ProcStat.Of(suite.ProcessId), ProcStat.OfFamily(suite.Postmaster), ProcStat.Of(worker.ProcessId) + ProcStat.OfDescendants(suite.ProcessId, suite.Postmaster),
            ProcStat.Of(Environment.ProcessId), 0);
        return ours with { Others = ProcStat.OfMachine() - ours.Suite - ours.Postgres - ours.Worker - ours.Load };
    }
}
