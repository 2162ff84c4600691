using ReactorJobs.Tests.Simulation.Defects;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Defects;

/// <summary>
/// The faults under which a mistake shows. Most are rare in a trial of all kinds, and a hunt has fewer of them than a release has; any of them is a
/// fault that a release has, too.
/// </summary>
static class Aim
{
    /// <summary>An executor goes on that a scheduler has given up: its attempts begin again elsewhere, and it writes, hears and tells late.</summary>
    static readonly Card[] Replaced =
        [new(FaultKind.Cut, Names.Executor, Names.RabbitMq), new(FaultKind.OneWay, Names.Executor, Names.RabbitMq), new(FaultKind.Pause, Names.Executor, IsAlone: true)];

    /// <summary>Commits of executors fail, or seem to.</summary>
    static readonly Card[] ExecutorsCommits =
    [
        new(FaultKind.Cut, Names.Executor, Names.PostgreSql), new(FaultKind.Cut, Names.Executor, Names.PostgreSql), new(FaultKind.Reset, Names.Executor, Names.PostgreSql),
        new(FaultKind.Kill, Names.PostgreSql),
    ];

    /// <summary>Commits of schedulers fail, or seem to.</summary>
    static readonly Card[] SchedulersCommits =
    [
        new(FaultKind.Cut, Names.Scheduler, Names.PostgreSql), new(FaultKind.Cut, Names.Scheduler, Names.PostgreSql), new(FaultKind.Reset, Names.Scheduler, Names.PostgreSql),
        new(FaultKind.Kill, Names.PostgreSql),
    ];

    /// <summary>A scheduler stands still while another one has its timers.</summary>
    static readonly Card[] Timers = [new(FaultKind.Pause, Names.Scheduler), new(FaultKind.Kill, Names.Scheduler), new(FaultKind.OneWay, Names.Scheduler, Names.PostgreSql)];

    /// <summary>Messages are lost, or come again.</summary>
    static readonly Card[] Messages =
    [
        new(FaultKind.Wipe, Names.RabbitMq), new(FaultKind.Kill, Names.RabbitMq), new(FaultKind.Cut, Names.Scheduler, Names.RabbitMq), new(FaultKind.Cut, Names.Events, Names.RabbitMq),
        new(FaultKind.Kill, Names.Scheduler), new(FaultKind.Kill, Names.Events), new(FaultKind.Reset, Names.Executor, Names.RabbitMq),
    ];

    /// <summary>Outcomes lie in RabbitMQ, unheard, when it loses all that it has.</summary>
    static readonly Card[] LostOutcomes = [new(FaultKind.Wipe, Names.RabbitMq), new(FaultKind.Cut, Names.Scheduler, Names.RabbitMq), new(FaultKind.Cut, Names.Scheduler, Names.RabbitMq)];

    static readonly Dictionary<string, Card[]> Cards = new(StringComparer.Ordinal)
    {
        ["checkpoints are not fenced"] = Replaced,
        ["a claim takes an older epoch"] = Replaced,
        ["a repeated checkpoint is not known again"] = ExecutorsCommits,
        ["an ended attempt is not told again"] = LostOutcomes,
        ["workers are answered although the commit failed"] = ExecutorsCommits,
        ["events leave before the commit"] = ExecutorsCommits,
        ["a refused checkpoint schedules all the same"] = Replaced,
        ["clients are answered although the commit failed"] = SchedulersCommits,
        ["a group whose rows are others is told as committed"] = Timers,
        ["an executor that was silent stays gone"] = Replaced,
        // Whoever has ended it has no worker any more when it comes again.
        ["a handed-back dispatch does not repeat its outcome"] = [.. LostOutcomes, new(FaultKind.Kill, Names.Worker), new(FaultKind.Kill, Names.Worker)],
        ["an old dispatch begins without its lease"] = Replaced,
        ["a copy of a dispatch begins without its lease"] = [.. Replaced, .. Messages],
        ["a journal is known although a commit only seemed to fail"] = ExecutorsCommits,
        ["a lease is assumed after a commit that only seemed to fail"] = ExecutorsCommits,
        ["attempts whose leases are others are told as committed"] = Replaced,
        ["a journal is known that another executor has written to"] = Replaced,
        ["a journal counts as the newest attempt's"] = Replaced,
        ["any epoch's outcome applies"] = Replaced,
        ["any timer wakes a run"] = Timers,
        ["a counter misses one way"] = Replaced,
        ["timers are not cleared"] = Timers,
        ["a lost attempt is not queued again"] = Replaced,
        ["messages count as confirmed before they are"] = Messages,
        ["an event that is known is delivered again"] = Messages,
    };

    public static IEnumerable<string> Aimed => Cards.Keys;

    /// <summary>Null where it shows under any fault, or without one.</summary>
    public static IReadOnlyList<Card>? At(Defect defect) => Cards.GetValueOrDefault(defect.Name);
}
