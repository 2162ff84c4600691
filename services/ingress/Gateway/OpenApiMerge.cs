using System.Text.Json.Nodes;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>Joins descriptions of parts of an API.</summary>
static class OpenApiMerge
{
    /// <summary>The first document with the operations, components and tags of the others. Where two say different things of one, the first one's holds.</summary>
    /// <returns>What is described differently, as paths into the document.</returns>
    public static (JsonObject Document, IReadOnlyList<string> Clashes) Of(JsonObject first, IEnumerable<JsonObject> others)
    {
        var document = (JsonObject)first.DeepClone();
        var clashes = new List<string>();
        foreach (var other in others)
        {
            foreach (var (path, operations) in Parts(other["paths"]))
                Add(Part(Part(document, "paths"), path), operations, $"paths {path}", clashes);
            foreach (var (kind, components) in Parts(other["components"]))
                Add(Part(Part(document, "components"), kind), components, $"components {kind}", clashes);
            AddTags(document, other["tags"]);
        }

        return (document, clashes);
    }

    static void Add(JsonObject to, JsonNode? parts, string at, List<string> clashes)
    {
        foreach (var (name, part) in Parts(parts))
            if (!to.TryGetPropertyValue(name, out var known))
                to[name] = part?.DeepClone();
            else if (!JsonNode.DeepEquals(known, part))
                clashes.Add($"{at} {name}");
    }

    static void AddTags(JsonObject document, JsonNode? tags)
    {
        if (tags is null)
            return;
        var all = document["tags"] as JsonArray ?? [];
        document["tags"] = all;
        foreach (var tag in tags.AsArray())
            if (!all.Any(x => (string?)x?["name"] == (string?)tag?["name"]))
                all.Add(tag?.DeepClone());
    }

    static JsonObject Part(JsonObject of, string name)
    {
        if (of[name] is not JsonObject part)
            of[name] = part = [];
        return part;
    }

    static IEnumerable<KeyValuePair<string, JsonNode?>> Parts(JsonNode? node) => node as JsonObject ?? [];
}
