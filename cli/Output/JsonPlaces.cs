using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ReactorJobs.Cli.Output;

/// <summary>Where in a text the values of its JSON stand, so that a refusal's pointer becomes a line to look at. A field is where its name is.</summary>
sealed class JsonPlaces
{
    // As deep as an answer may be: what is deeper was refused when it was parsed.
    const int Deepest = 128;

    readonly byte[] utf8;
    readonly Dictionary<string, int> offsets = new(StringComparer.Ordinal);

    /// <param name="json">Must be JSON.</param>
    public JsonPlaces(string json)
    {
        utf8 = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Deepest });
        reader.Read();
        Walk(ref reader, "");
    }

    void Walk(ref Utf8JsonReader reader, string at)
    {
        offsets.TryAdd(at, (int)reader.TokenStartIndex);
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var field = $"{at}/{Known(Encoding.UTF8.GetString(reader.ValueSpan))}";
                offsets.TryAdd(field, (int)reader.TokenStartIndex);
                reader.Read();
                Walk(ref reader, field);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                Walk(ref reader, string.Create(CultureInfo.InvariantCulture, $"{at}/{i}"));
        }
    }

    /// <summary><c>line:column</c>, both from 1; for what is missing, of what it is missing in.</summary>
    public string Of(string pointer)
    {
        var at = Known(pointer);
        int offset;
        while (!offsets.TryGetValue(at, out offset)) at = at[..Math.Max(0, at.LastIndexOf('/'))];
        var before = utf8.AsSpan(0, offset);
        var start = before.LastIndexOf((byte)'\n') + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{before.Count((byte)'\n') + 1}:{Encoding.UTF8.GetCharCount(before[start..]) + 1}");
    }

    /// <summary>The API takes <c>snake_case</c> and <c>camelCase</c>, and names a field in one of them only.</summary>
    static string Known(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
