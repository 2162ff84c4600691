using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;
using ReactorJobs.Contracts;

namespace ReactorJobs.Events.Changes;

/// <summary>Makes row changes of the messages of one replication stream, which come transaction by transaction in the order of their commits.</summary>
/// <param name="lookUp">What the database's catalogue says of types that are not built in.</param>
public sealed class ChangeReader(Func<IReadOnlyCollection<uint>, CancellationToken, Task<IReadOnlyDictionary<uint, CatalogueType>>> lookUp)
{
    readonly Dictionary<uint, Relation> relations = [];
    readonly Dictionary<uint, ColumnType> types = [];
    NpgsqlLogSequenceNumber commit;
    DateTimeOffset committedAt;
    long next;

    /// <summary>Between the beginning of a transaction and its end.</summary>
    public bool IsInTransaction { get; private set; }

    /// <summary>The end of the last transaction that was read to its end.</summary>
    public NpgsqlLogSequenceNumber Ended { get; private set; }

    /// <summary>The change that the message is; null for any other message.</summary>
    public async ValueTask<RowChange?> Read(PgOutputReplicationMessage message, CancellationToken stop)
    {
        switch (message)
        {
            case BeginMessage begin:
                (commit, committedAt, next, IsInTransaction) = (begin.TransactionFinalLsn, Utc(begin.TransactionCommitTimestamp), 0, true);
                return null;
            case CommitMessage end:
                (Ended, IsInTransaction) = (end.TransactionEndLsn, false);
                return null;
            case RelationMessage relation:
                relations[relation.RelationId] = await Describe(relation, stop);
                return null;
            case InsertMessage insert:
                var inserted = Of(insert.Relation);
                return Change(inserted, Operations.Insert, null, await Values(inserted, insert.NewRow, stop));
            case FullUpdateMessage update:
                var full = Of(update.Relation);
                var before = await Values(full, update.OldRow, stop);
                return Change(full, Operations.Update, before.Columns, (await Values(full, update.NewRow, stop)).FilledFrom(before.Columns));
            case IndexUpdateMessage update:
                var indexed = Of(update.Relation);
                var key = await Key(indexed, update.Key, stop);
                return Change(indexed, Operations.Update, key, await Values(indexed, update.NewRow, stop));
            case DefaultUpdateMessage update:
                // The server leaves the old key out because it is the new one, too.
                var updated = Of(update.Relation);
                var after = await Values(updated, update.NewRow, stop);
                return Change(updated, Operations.Update, updated.KeyOf(after.Columns), after);
            case KeyDeleteMessage delete:
                var deleted = Of(delete.Relation);
                return Change(deleted, Operations.Delete, await Key(deleted, delete.Key, stop), null);
            case FullDeleteMessage delete:
                var gone = Of(delete.Relation);
                return Change(gone, Operations.Delete, (await Values(gone, delete.OldRow, stop)).Columns, null);
            default:
                return null;
        }
    }

    RowChange Change(Relation relation, string operation, IReadOnlyList<ColumnValue>? old, Row? row) =>
        new(relation.Table, operation, old, row?.Columns, row?.Unchanged ?? [], commit, next++, committedAt);

    Relation Of(RelationMessage message) => relations[message.RelationId];

    async Task<Relation> Describe(RelationMessage message, CancellationToken stop)
    {
        var columns = message.Columns.Select(x => (x.ColumnName, x.DataTypeId, IsKey: x.Flags.HasFlag(RelationMessage.Column.ColumnFlags.PartOfKey))).ToArray();
        var table = new TableName(message.Namespace, message.RelationName);
        uint[] unknown = [.. columns.Select(x => x.DataTypeId).Where(x => !types.ContainsKey(x) && !ColumnType.BuiltIn.ContainsKey(x)).Distinct()];
        if (unknown.Length > 0)
        {
            var catalogue = await lookUp(unknown, stop);
            foreach (var id in unknown)
                types[id] = CatalogueType.Resolve(id, catalogue);
        }

        return new(table, [.. columns.Select(x => new RelationColumn(x.ColumnName, ColumnType.BuiltIn.GetValueOrDefault(x.DataTypeId) ?? types[x.DataTypeId], x.IsKey))]);
    }

    static async Task<Row> Values(Relation relation, ReplicationTuple tuple, CancellationToken stop)
    {
        var (columns, unchanged) = (new List<ColumnValue>(relation.Columns.Count), new List<string>());
        var i = 0;
        await foreach (var value in tuple.WithCancellation(stop))
        {
            var column = relation.Columns[i++];
            if (value.IsUnchangedToastedValue)
                unchanged.Add(column.Name);
            else
                columns.Add(new(column.Name, ColumnJson.Of(column.Type, value.IsDBNull ? null : await value.Get<string>(stop))));
        }

        return new(columns, unchanged);
    }

    /// <summary>All other columns come as NULL, which says nothing of them.</summary>
    static async Task<IReadOnlyList<ColumnValue>> Key(Relation relation, ReplicationTuple tuple, CancellationToken stop) =>
        relation.KeyOf((await Values(relation, tuple, stop)).Columns);

    static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    sealed record RelationColumn(string Name, ColumnType Type, bool IsKey);

    sealed record Relation(TableName Table, IReadOnlyList<RelationColumn> Columns)
    {
        readonly HashSet<string> key = [.. Columns.Where(x => x.IsKey).Select(x => x.Name)];

        public IReadOnlyList<ColumnValue> KeyOf(IReadOnlyList<ColumnValue> row) => [.. row.Where(x => key.Contains(x.Name))];
    }

    sealed record Row(IReadOnlyList<ColumnValue> Columns, IReadOnlyList<string> Unchanged)
    {
        /// <summary>With the old row's values where the server has left them out because they are the same; in the order of neither.</summary>
        public Row FilledFrom(IReadOnlyList<ColumnValue> old) => Unchanged.Count == 0
            ? this
            : new([.. Columns, .. old.Where(x => Unchanged.Contains(x.Name))], [.. Unchanged.Where(x => !old.Any(column => column.Name == x))]);
    }
}
