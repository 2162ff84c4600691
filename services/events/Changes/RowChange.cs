using NpgsqlTypes;
using ReactorJobs.Contracts;

namespace ReactorJobs.Events.Changes;

/// <summary>A committed change of one row.</summary>
/// <param name="Operation">One of <see cref="Operations"/>.</param>
/// <param name="Old">What the server has of the row before: of an update or a delete all columns, or those of the key, by the table's replica identity; null is nothing.</param>
/// <param name="New">Null for a delete.</param>
/// <param name="Unchanged">Columns of the new row whose value is kept apart from it and has not changed: the server does not send them.</param>
/// <param name="Commit">Where its transaction committed.</param>
/// <param name="Index">Its place in the transaction, from 0.</param>
public sealed record RowChange(
    TableName Table, string Operation, IReadOnlyList<ColumnValue>? Old, IReadOnlyList<ColumnValue>? New, IReadOnlyList<string> Unchanged,
    NpgsqlLogSequenceNumber Commit, long Index, DateTimeOffset CommittedAt)
{
    /// <summary>Roughly what it takes in memory and in a message.</summary>
    public int Size { get; } = SizeOf(Old) + SizeOf(New);

    static int SizeOf(IReadOnlyList<ColumnValue>? row) => row?.Sum(x => x.Name.Length + x.Value.Length) ?? 0;
}

public readonly record struct ColumnValue(string Name, RawJson Value);

/// <summary>What can happen to a row, as triggers name it. <c>truncate</c> is not among them: it says nothing of rows.</summary>
public static class Operations
{
    public const string Insert = "insert";
    public const string Update = "update";
    public const string Delete = "delete";
}
