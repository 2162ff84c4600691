using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Trials;

/// <summary>What a trial has come to.</summary>
sealed record TrialResult(TrialOptions Options, Counts Counts, IReadOnlyList<Violation> Violations);

/// <summary>How much was done, and how much of it in the middle of faults.</summary>
sealed class Counts(History history, long fencedWrites, long lateWrites, long redeliveries, TimeSpan duration)
{
    public History History => history;

    public int Runs => history.Runs.Count;

    public int Triggered => history.Runs.Count(x => x.TriggerKind == "manual");

    public int Touched { get; } = Vacuity.Touched(history);

    public int RunsWithLostAttempts { get; } = history.Attempts.Where(x => x.Outcome == "lost").Select(x => x.Run).Distinct().Count();

    public int LostAttempts { get; } = history.Attempts.Count(x => x.Outcome == "lost");

    /// <summary>Pairs of faults that were there at the same time.</summary>
    public int Overlaps { get; } = history.Faults.Index().Sum(x => history.Faults.Skip(x.Index + 1).Count(x.Item.Overlaps));

    /// <summary>Requests whose client was left without knowing.</summary>
    public int Unknown { get; } = history.Calls.Count(x => x.Outcome == Outcome.Unknown);

    public int Cancelled => history.Runs.Count(x => x.Status == "cancelled");

    public int Failed => history.Runs.Count(x => x.Status == "failed");

    public long FencedWrites => fencedWrites;

    public long LateWrites => lateWrites;

    public long Redeliveries => redeliveries;

    public TimeSpan Duration => duration;

    /// <summary>Faults by what was done, to what.</summary>
    public IReadOnlyList<(string Kind, string Target, int Count)> Faults { get; } =
        [.. history.Faults.CountBy(x => (Kind: $"{x.Fault.Kind}", Target: Target(x.Fault))).OrderBy(x => x.Key).Select(x => (x.Key.Kind, x.Key.Target, x.Value))];

    /// <summary>Answers by their status; 0 is none.</summary>
    public IReadOnlyList<(int Status, int Count)> Answers { get; } = [.. history.Calls.CountBy(x => x.Status).OrderBy(x => x.Key).Select(x => (x.Key, x.Value))];

    static string Target(Torture.Faults.Fault fault) => fault.Peer is null
        ? Suites.Names.KindOf(fault.Target)
        : $"{Suites.Names.KindOf(fault.Target)} - {Suites.Names.KindOf(fault.Peer)}";
}
