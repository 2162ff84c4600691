using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ReactorJobs.Hosting.Http;

/// <summary>A place in a text: both count from 1, the column in characters.</summary>
public readonly record struct JsonPlace(int Line, int Column)
{
    /// <summary>Where reading has failed.</summary>
    public static JsonPlace Of(JsonException failure, ReadOnlySpan<byte> json)
    {
        var line = (int)(failure.LineNumber ?? 0);
        for (var i = 0; i < line; i++)
            json = json[(json.IndexOf((byte)'\n') + 1)..];
        return new(line + 1, Encoding.UTF8.GetCharCount(json[..(int)Math.Min(failure.BytePositionInLine ?? 0, json.Length)]) + 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}");
}

/// <summary>
/// Where in a JSON text the values of some pointers stand, so that a mistake becomes a line to look at. A field is where its name is, and
/// what is missing, where that begins which it is missing in.
/// </summary>
public sealed class JsonPlaces
{
    // As deep as an answer may be: what is deeper was refused when it was parsed.
    const int Deepest = 128;

    readonly HashSet<string> wanted = [""];
    readonly Dictionary<string, JsonPlace> exact = new(StringComparer.Ordinal);
    readonly Dictionary<string, JsonPlace> loose = new(StringComparer.Ordinal);
    int countedTo;
    int line = 1;
    int lineStart;

    /// <param name="json">Must be JSON.</param>
    public JsonPlaces(ReadOnlySpan<byte> json, IEnumerable<string> pointers)
    {
        foreach (var pointer in pointers)
            for (var at = Loose(pointer); at.Length > 0 && wanted.Add(at);)
                at = Above(at);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
        reader.Read();
        Mark("", "", json, (int)reader.TokenStartIndex);
        Walk(ref reader, json, "", "");
    }

    public JsonPlace Of(string pointer)
    {
        for (var at = pointer; ; at = Above(at))
            if (exact.TryGetValue(at, out var place) || loose.TryGetValue(Loose(at), out place))
                return place;
    }

    void Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string at, string looseAt)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = Encoding.UTF8.GetString(reader.ValueSpan);
                var (field, looseField) = ($"{at}/{name}", $"{looseAt}/{Loose(name)}");
                var start = (int)reader.TokenStartIndex;
                reader.Read();
                Enter(ref reader, json, field, looseField, start);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                var index = i.ToString(CultureInfo.InvariantCulture);
                Enter(ref reader, json, $"{at}/{index}", $"{looseAt}/{index}", (int)reader.TokenStartIndex);
            }
        }
    }

    /// <summary>Nobody asks for what is in a payload of a million numbers: it is skipped, and not kept in mind.</summary>
    void Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string at, string looseAt, int start)
    {
        if (!wanted.Contains(looseAt))
        {
            reader.Skip();
            return;
        }

        Mark(at, looseAt, json, start);
        Walk(ref reader, json, at, looseAt);
    }

    /// <summary>Tokens come in their order, so that lines are counted once.</summary>
    void Mark(string at, string looseAt, ReadOnlySpan<byte> json, int offset)
    {
        var passed = json[countedTo..offset];
        if (passed.LastIndexOf((byte)'\n') is >= 0 and var last)
            (line, lineStart) = (line + passed.Count((byte)'\n'), countedTo + last + 1);
        countedTo = offset;
        var place = new JsonPlace(line, Encoding.UTF8.GetCharCount(json[lineStart..offset]) + 1);
        // A name that comes twice is a mistake at the second.
        exact[at] = place;
        loose.TryAdd(looseAt, place);
    }

    static string Above(string at) => at[..Math.Max(0, at.LastIndexOf('/'))];

    /// <summary>Fields may be in <c>snake_case</c> or <c>camelCase</c>, and a mistake names them in one of these only.</summary>
    static string Loose(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
