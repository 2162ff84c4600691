using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// What a run gets of a change: <c>{table, op, old, new, lsn, committed_at}</c>. Columns that the server did not send are named in <c>unchanged</c>,
/// and those left out because the payload would be too large, the largest first, in <c>omitted</c>: a run with a part of the row tells which row to read.
/// </summary>
public static class ChangePayload
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static RawJson Of(RowChange change, int limit = Limits.PayloadBytes)
    {
        var omitted = new HashSet<string>(StringComparer.Ordinal);
        var payload = Write(change, omitted);
        while (payload.Length > limit && Largest(change, omitted) is { } column)
        {
            omitted.Add(column);
            payload = Write(change, omitted);
        }

        return payload;
    }

    static string? Largest(RowChange change, HashSet<string> omitted) =>
        (change.Old ?? []).Concat(change.New ?? []).Where(x => !omitted.Contains(x.Name)).Select(x => (x.Name, x.Value.Length)).DefaultIfEmpty().MaxBy(x => x.Length).Name;

    static RawJson Write(RowChange change, HashSet<string> omitted)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("table", change.Table.ToString());
            json.WriteString("op", change.Operation);
            WriteRow(json, "old", change.Old, omitted);
            WriteRow(json, "new", change.New, omitted);
            json.WriteString("lsn", change.Commit.ToString());
            json.WriteString("committed_at", ApiJson.Text(change.CommittedAt));
            WriteNames(json, "unchanged", change.Unchanged);
            WriteNames(json, "omitted", [.. omitted.Order(StringComparer.Ordinal)]);
            json.WriteEndObject();
        }

        return RawJson.Trusted(buffer.WrittenSpan.ToArray());
    }

    static void WriteRow(Utf8JsonWriter json, string name, IReadOnlyList<ColumnValue>? row, HashSet<string> omitted)
    {
        json.WritePropertyName(name);
        if (row is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        foreach (var column in row.Where(x => !omitted.Contains(x.Name)))
        {
            json.WritePropertyName(column.Name);
            json.WriteRawValue(column.Value.Utf8.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    static void WriteNames(Utf8JsonWriter json, string name, IReadOnlyList<string> columns)
    {
        if (columns.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var column in columns)
            json.WriteStringValue(column);
        json.WriteEndArray();
    }
}
