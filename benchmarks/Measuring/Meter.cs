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
sealed record Usage(double Seconds, CpuUse Cpu, double Load1)
{
    /// <summary>Processor time of each service where they are processes of their own, and of RabbitMQ.</summary>
    public IReadOnlyDictionary<string, double> Services { get; init; } = new Dictionary<string, double>();
}

/// <summary>From its making to <see cref="Stop"/>: time, and whose processor time.</summary>
sealed class Meter(ReactorDev suite, Worker worker)
{
    readonly double load1 = ProcStat.Load1();
    readonly CpuUse before = Look(suite, worker);
    readonly long started = Stopwatch.GetTimestamp();

    readonly Dictionary<string, double> servicesBefore = OfServices(suite);

    public Usage Stop()
    {
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new(seconds, Look(suite, worker) - before, load1) { Services = OfServices(suite).ToDictionary(x => x.Key, x => x.Value - servicesBefore[x.Key]) };
    }

    static CpuUse Look(ReactorDev suite, Worker worker)
    {
        int[] parts = [suite.Postmaster, .. suite.Services.Select(x => x.Pid)];
        var functions = suite.Services.Where(x => x.Service != "rabbitmq").Sum(x => ProcStat.OfDescendants(x.Pid, [])) + ProcStat.OfDescendants(suite.ProcessId, parts);
        var ours = new CpuUse(
            ProcStat.Of(suite.ProcessId) + OfServices(suite).Values.Sum(), ProcStat.OfFamily(suite.Postmaster), ProcStat.Of(worker.ProcessId) + functions,
            ProcStat.Of(Environment.ProcessId), 0);
        return ours with { Others = ProcStat.OfMachine() - ours.Suite - ours.Postgres - ours.Worker - ours.Load };
    }

    static Dictionary<string, double> OfServices(ReactorDev suite) =>
        suite.Services.GroupBy(x => x.Service).ToDictionary(x => x.Key, x => x.Sum(process => ProcStat.Of(process.Pid)));
}
