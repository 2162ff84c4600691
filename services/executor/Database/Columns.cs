using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;

namespace ReactorJobs.Executor.Database;

/// <summary>Statements over many rows: one array parameter per column.</summary>
static class Columns
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static NpgsqlBatchCommand Statement(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    public static NpgsqlParameter One(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    public static NpgsqlParameter Text<T>(IReadOnlyCollection<T> rows, Func<T, string?> column) => Of(rows, column, NpgsqlDbType.Text);

    public static NpgsqlParameter Ids<T>(IReadOnlyCollection<T> rows, Func<T, Guid> column) => Of(rows, column, NpgsqlDbType.Uuid);

    public static NpgsqlParameter Ints<T>(IReadOnlyCollection<T> rows, Func<T, int> column) => Of(rows, column, NpgsqlDbType.Integer);

    public static NpgsqlParameter Longs<T>(IReadOnlyCollection<T> rows, Func<T, long?> column) => Of(rows, column, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Flags<T>(IReadOnlyCollection<T> rows, Func<T, bool> column) => Of(rows, column, NpgsqlDbType.Boolean);

    public static NpgsqlParameter Bytes<T>(IReadOnlyCollection<T> rows, Func<T, byte[]> column) => Of(rows, column, NpgsqlDbType.Bytea);

    public static NpgsqlParameter Times<T>(IReadOnlyCollection<T> rows, Func<T, DateTimeOffset?> column) =>
        Of<T, DateTime?>(rows, x => column(x)?.UtcDateTime, NpgsqlDbType.TimestampTz);

    static NpgsqlParameter Of<T, TValue>(IReadOnlyCollection<T> rows, Func<T, TValue> column, NpgsqlDbType type)
    {
        var values = new TValue[rows.Count];
        var i = 0;
        foreach (var row in rows)
            values[i++] = column(row);
        return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    public static string? ToJson<T>(T? value) where T : class => value is null ? null : JsonSerializer.Serialize(value, Json);

    public static T? FromJson<T>(string? text) where T : class => text is null ? null : JsonSerializer.Deserialize<T>(text, Json);

    public static string? StringOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static RawJson? JsonOrNull(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : RawJson.Trusted(reader.GetFieldValue<byte[]>(column));

    public static long? LongOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static DateTimeOffset Time(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Time(column);
}
