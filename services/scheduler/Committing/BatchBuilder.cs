using Npgsql;
using NpgsqlTypes;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>Statements over arrays: one parameter per column, one element per row, so that a group of any size is one prepared statement.</summary>
sealed class BatchBuilder(NpgsqlBatch batch)
{
    NpgsqlBatchCommand current = null!;

    public BatchBuilder Statement(string sql)
    {
        batch.BatchCommands.Add(current = new NpgsqlBatchCommand(sql));
        return this;
    }

    public BatchBuilder Text<T>(IReadOnlyCollection<T> rows, Func<T, string?> column) => Add(rows, column, NpgsqlDbType.Text);

    public BatchBuilder Uuid<T>(IReadOnlyCollection<T> rows, Func<T, Guid> column) => Add(rows, column, NpgsqlDbType.Uuid);

    public BatchBuilder MaybeUuid<T>(IReadOnlyCollection<T> rows, Func<T, Guid?> column) => Add(rows, column, NpgsqlDbType.Uuid);

    public BatchBuilder Int<T>(IReadOnlyCollection<T> rows, Func<T, int> column) => Add(rows, column, NpgsqlDbType.Integer);

    public BatchBuilder Short<T>(IReadOnlyCollection<T> rows, Func<T, short> column) => Add(rows, column, NpgsqlDbType.Smallint);

    public BatchBuilder Long<T>(IReadOnlyCollection<T> rows, Func<T, long> column) => Add(rows, column, NpgsqlDbType.Bigint);

    public BatchBuilder Bool<T>(IReadOnlyCollection<T> rows, Func<T, bool> column) => Add(rows, column, NpgsqlDbType.Boolean);

    public BatchBuilder Bytes<T>(IReadOnlyCollection<T> rows, Func<T, byte[]> column) => Add(rows, column, NpgsqlDbType.Bytea);

    public BatchBuilder Time<T>(IReadOnlyCollection<T> rows, Func<T, DateTimeOffset> column) => Add(rows, row => column(row).UtcDateTime, NpgsqlDbType.TimestampTz);

    public BatchBuilder MaybeTime<T>(IReadOnlyCollection<T> rows, Func<T, DateTimeOffset?> column) =>
        Add(rows, row => column(row)?.UtcDateTime, NpgsqlDbType.TimestampTz);

    public BatchBuilder MaybeRevision<T>(IReadOnlyCollection<T> rows, Func<T, uint?> column) => Add(rows, column, NpgsqlDbType.Xid);

    public BatchBuilder Value(object value, NpgsqlDbType type)
    {
        current.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
        return this;
    }

    BatchBuilder Add<T, TColumn>(IReadOnlyCollection<T> rows, Func<T, TColumn> column, NpgsqlDbType type)
    {
        var values = new TColumn[rows.Count];
        var i = 0;
        foreach (var row in rows)
            values[i++] = column(row);
        current.Parameters.Add(new NpgsqlParameter<TColumn[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
        return this;
    }
}
