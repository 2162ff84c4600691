using NpgsqlTypes;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// Up to where the changes of a database are taken in: all of the transactions that committed before <paramref name="Commit"/>, and of that one the
/// first <paramref name="Taken"/>. Transactions come in the order of their commits, and each time in the same order inside: what a server sends again
/// after a restart is known by this.
/// </summary>
public readonly record struct ChangePosition(NpgsqlLogSequenceNumber Commit, long Taken)
{
    /// <summary>Before everything that a new slot sends.</summary>
    public static readonly ChangePosition Beginning = default;

    public bool Includes(NpgsqlLogSequenceNumber commit, long index) => commit < Commit || (commit == Commit && index < Taken);

    public bool Includes(RowChange change) => Includes(change.Commit, change.Index);

    /// <summary>Where it is after this change, which comes next.</summary>
    public static ChangePosition After(RowChange change) => new(change.Commit, change.Index + 1);
}
