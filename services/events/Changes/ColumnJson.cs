using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using ReactorJobs.Contracts;

namespace ReactorJobs.Events.Changes;

/// <summary>
/// The JSON of a column's value from the text that PostgreSQL prints, as <c>to_jsonb</c> would give it: numbers, booleans, JSON and arrays as such, times
/// in ISO 8601, anything else as its text. The session that prints has <c>DateStyle</c> ISO and <c>TimeZone</c> UTC.
/// </summary>
public static partial class ColumnJson
{
    /// <summary>A payload may be nested this deep at most; the column is two levels down in it.</summary>
    const int Deepest = Hosting.Http.Limits.Depth - 3;

    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static RawJson Of(ColumnType type, string? text)
    {
        if (text is null)
            return RawJson.Null;
        var buffer = new ArrayBufferWriter<byte>(text.Length + 2);
        using (var json = new Utf8JsonWriter(buffer, Options))
            Write(json, type, text);
        return RawJson.Trusted(buffer.WrittenSpan.ToArray());
    }

    static void Write(Utf8JsonWriter json, ColumnType type, string? text)
    {
        if (text is null)
            json.WriteNullValue();
        else if (type.Element is not null && ArrayLiteral.TryParse(text, type.Delimiter, out var array))
            WriteItem(json, type.Element, array);
        else
            WriteScalar(json, type.Kind, text);
    }

    static void WriteItem(Utf8JsonWriter json, ColumnType element, ArrayLiteral item)
    {
        if (item.Items is not { } items)
        {
            Write(json, element, item.Text);
            return;
        }

        json.WriteStartArray();
        foreach (var inner in items)
            WriteItem(json, element, inner);
        json.WriteEndArray();
    }

    static void WriteScalar(Utf8JsonWriter json, ColumnKind kind, string text)
    {
        switch (kind)
        {
            case ColumnKind.Boolean when text is "t" or "f":
                json.WriteBooleanValue(text == "t");
                break;
            case ColumnKind.Number when Number().IsMatch(text):
                json.WriteRawValue(text, skipInputValidation: true);
                break;
            case ColumnKind.Json when IsShallow(text):
                json.WriteRawValue(text, skipInputValidation: true);
                break;
            case ColumnKind.Timestamp or ColumnKind.TimestampWithZone:
                json.WriteStringValue(Iso(text, kind == ColumnKind.TimestampWithZone));
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    /// <summary>"2026-03-01 12:00:00.5+00" becomes "2026-03-01T12:00:00.5+00:00"; "infinity" stays, and so does the BC behind a time.</summary>
    static string Iso(string text, bool hasZone)
    {
        if (Moment().Match(text) is not { Success: true } match)
            return text;
        var zone = match.Groups["zone"].Value;
        if (hasZone && zone.Length == 3)
            zone += ":00";
        return $"{match.Groups["date"].Value}T{match.Groups["time"].Value}{zone}{match.Groups["era"].Value}";
    }

    static bool IsShallow(string json)
    {
        var depth = 0;
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), new JsonReaderOptions { MaxDepth = int.MaxValue });
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    depth = Math.Max(depth, reader.CurrentDepth + 1);
        }
        catch (JsonException)
        {
            // What PostgreSQL takes for JSON and others do not is a text.
            return false;
        }

        return depth <= Deepest;
    }

    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"^(?<date>[0-9]+-[0-9]{2}-[0-9]{2}) (?<time>[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)(?<zone>[+-][0-9:]+)?(?<era> BC)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Moment();
}
