using System.Text.Json;
using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.Schemas;

/// <summary>
/// Documents that differ from a good one in one field each: every field that a schema names, in every spelling, with values on both sides of
/// every limit that stands anywhere in the schema, and of every type.
/// </summary>
static class Variations
{
    static readonly string[] Any =
    [
        "null", "true", "false", "0", "1", "-1", "0.5", "1.5", "\"\"", "\"x\"", "\"10m\"", "\"exponential\"", "\"linear\"", "\"Linear\"", "\"bun\"", "\"event\"", "\"runs\"", "\"a/b\"", "\"a b\"",
        "\"https://example.com/x?y=1\"", "\"https://user:word@example.com/\"", "\"http://\"", "\"vault:a/b\"", "\"vault:a//b\"", "[]", "[1]", "[null]", "{}", "{\"A\": \"x\"}", "{\"A\": \"vault:x\"}",
        "{\"A\": null}", "{\"A\": 1}", "{\"a-b\": \"x\"}", "{\"REACTOR_X\": \"x\"}", "{\"surplus\": 1}",
    ];

    public static IReadOnlyList<string> Of(JsonObject schema, JsonObject good)
    {
        var documents = new List<string>();
        var values = Any.Concat(Limits(schema).SelectMany(x => new[] { x - 1, x, x + 1 }).Distinct().Select(x => JsonSerializer.Serialize(x))).ToArray();
        foreach (var (path, spellings) in Fields(schema, []))
        {
            documents.AddRange(from spelling in spellings from value in values select With(good, path, [(spelling, value)]));
            if (spellings.Count > 1)
                documents.Add(With(good, path, [.. spellings.Select(x => (x, "1"))]));
        }

        return documents;
    }

    /// <summary>Every field of the objects in a schema, with where that object is: the names on the way, and 0 for the items of an array.</summary>
    static IEnumerable<(string[] Path, IReadOnlyList<string> Spellings)> Fields(JsonObject schema, string[] path)
    {
        if (schema["items"] is JsonObject items)
            foreach (var field in Fields(items, [.. path, "0"]))
                yield return field;
        if (schema["properties"] is not JsonObject properties)
            yield break;
        foreach (var group in properties.GroupBy(x => x.Key.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant()))
        {
            yield return (path, [.. group.Select(x => x.Key)]);
            foreach (var inner in Fields(group.First().Value!.AsObject(), [.. path, group.First().Key]))
                yield return inner;
        }
    }

    static IEnumerable<decimal> Limits(JsonNode? schema) => schema switch
    {
        JsonObject inner => inner.SelectMany(x => x.Key is "minimum" or "maximum" ? [(decimal)x.Value!.AsValue()] : Limits(x.Value)),
        JsonArray array => array.SelectMany(Limits),
        _ => [],
    };

    static string With(JsonObject good, string[] path, IReadOnlyList<(string Field, string Value)> changes)
    {
        var document = good.DeepClone();
        var at = document;
        foreach (var name in path)
            at = at is JsonArray array ? array[0]! : at[name] ?? (at[name] = name == "triggers" ? new JsonArray(new JsonObject()) : new JsonObject());
        foreach (var (field, value) in changes)
            at[field] = JsonNode.Parse(value);
        return document.ToJsonString();
    }
}
