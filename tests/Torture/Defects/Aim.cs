using ReactorJobs.Tests.Simulation.Defects;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Suites;

namespace ReactorJobs.Tests.Torture.Defects;

/// <summary>
/// The faults under which a mistake shows. Most are rare in a trial of all kinds, and a hunt has fewer of them than a release has; any of them but
/// <see cref="FaultKind.Retire"/> is a fault that a release has, too.
/// </summary>
/// <param name="Jobs">Whose runs show it, where others only take up the room; null is all.</param>
sealed record Aim(IReadOnlyList<Card> Cards, IReadOnlyList<string>? Jobs = null)
{
    public Shape Shape { get; init; } = new();

    /// <summary>So many that each executor has some.</summary>
    static readonly Shape ManyWorkers = new(Workers: 5);

    /// <summary>An executor goes on that a scheduler has given up, and so do its workers: its attempts begin again elsewhere, and it writes, hears and tells late.</summary>
    static readonly Card[] CutOff = [new(FaultKind.Cut, Names.Executor, Names.RabbitMq), new(FaultKind.OneWay, Names.Executor, Names.RabbitMq)];

    /// <summary>The same with workers that may leave it.</summary>
    static readonly Card[] Replaced = [.. CutOff, new(FaultKind.Pause, Names.Executor, IsAlone: true)];

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
    static readonly Card[] LostOutcomes = [new(FaultKind.Lose, Names.RabbitMq)];

    /// <summary>A dispatch comes twice within the seconds in which its executor takes it for the only one: what it has acknowledged last is lost.</summary>
    static readonly Card[] Copies =
        [new(FaultKind.Cut, Names.Executor, Names.RabbitMq, IsBrief: true), new(FaultKind.Reset, Names.Executor, Names.RabbitMq)];

    static readonly Dictionary<string, Aim> Aims = new(StringComparer.Ordinal)
    {
        ["checkpoints are not fenced"] = new(Replaced),
        ["a claim takes an older epoch"] = new(Replaced),
        ["a repeated checkpoint is not known again"] = new(ExecutorsCommits),
        ["an ended attempt is not told again"] = new(LostOutcomes),
        ["workers are answered although the commit failed"] = new(ExecutorsCommits),
        ["events leave before the commit"] = new(ExecutorsCommits),
        ["a refused checkpoint schedules all the same"] = new(Replaced),
        ["clients are answered although the commit failed"] = new(SchedulersCommits),
        ["a group whose rows are others is told as committed"] = new(Timers),
        ["an executor that was silent stays gone"] = new(Replaced),
        ["an old dispatch begins without its lease"] = new(CutOff) { Shape = ManyWorkers },
        ["a copy of a dispatch begins without its lease"] = new(Copies),
        ["a journal is known although a commit only seemed to fail"] = new(ExecutorsCommits, ["order"]),
        ["attempts whose leases are others are told as committed"] = new(Replaced),
        ["a journal is known that another executor has written to"] = new(Replaced),
        ["a journal counts as the newest attempt's"] = new(CutOff, ["order"]) { Shape = ManyWorkers },
        ["any epoch's outcome applies"] = new(Replaced),
        ["a counter misses one way"] = new(Replaced),
        ["timers are not cleared"] = new(Timers),
        // An executor that comes again names what its last start has lost.
        ["a lost attempt is not queued again"] = new([new(FaultKind.Retire, Names.Executor), new(FaultKind.Slow, Names.Clients, Names.Ingress)]),
        ["messages count as confirmed before they are"] = new(Messages),
        ["an event that is known is delivered again"] = new(Messages),
    };

    /// <summary>What no trial can show, and why.</summary>
    static readonly Dictionary<string, string> Hidden = new(StringComparer.Ordinal)
    {
        ["a handed-back dispatch does not repeat its outcome"] =
            "only delays a run: the dispatch comes again, after a minute at most, and the first worker that is there then has its outcome told",
        ["any timer wakes a run"] =
            "only wakes a run for nothing: the due time of a sleep is in the journal, and its handler goes on sleeping",
        ["a claim goes in after the write it is for"] =
            "only delays a run: its first write is refused, and the dispatch that comes again after 5 s finds the claim",
        ["a lease is assumed after a commit that only seemed to fail"] =
            "writes once more what is written: PostgreSQL keeps the entry that is there, and where the attempt has ended the lease that the commit compares is gone",
    };

    public static IEnumerable<string> Named => [.. Aims.Keys, .. Hidden.Keys];

    /// <summary>Null where it shows under any fault, or without one.</summary>
    public static Aim? At(Defect defect) => Aims.GetValueOrDefault(defect.Name);

    /// <summary>Why it is not planted in processes; null where it is.</summary>
    public static string? WhyHidden(Defect defect) => Hidden.GetValueOrDefault(defect.Name);
}
