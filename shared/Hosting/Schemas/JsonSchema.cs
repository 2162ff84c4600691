using System.Text.Json.Nodes;

namespace ReactorJobs.Hosting.Schemas;

/// <summary>A field of an object that <see cref="Http.Fields"/> reads.</summary>
/// <param name="Name">In <c>snake_case</c>; the object takes it in <c>camelCase</c>, too.</param>
/// <param name="Meaning">Shown by editors.</param>
public sealed record SchemaField(string Name, JsonObject Schema, string Meaning)
{
    /// <summary>The spellings, one or two.</summary>
    public IReadOnlyList<string> Spellings { get; } = Camel(Name) is var camel && camel == Name ? [Name] : [Name, camel];

    static string Camel(string name) => string.Concat(name.Split('_').Select((word, i) => i == 0 || word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}

/// <summary>
/// The words of JSON Schema (draft 2020-12) for what <see cref="Http.Fields"/> takes: two spellings of each field and not both, nothing
/// unknown, and null for what may be left out.
/// </summary>
public static class JsonSchema
{
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>The field by which a document names its schema for an editor.</summary>
    public static readonly SchemaField Self = new("$schema", Text(), "The address of this schema, for an editor.");

    public static JsonObject Document(string title, JsonObject schema)
    {
        var document = new JsonObject { ["$schema"] = Dialect, ["title"] = title };
        foreach (var (name, value) in schema)
            document[name] = value?.DeepClone();
        return document;
    }

    public static JsonObject Object(IEnumerable<SchemaField> fields, bool nullable = true)
    {
        var (properties, oneSpelling) = (new JsonObject(), new JsonArray());
        foreach (var field in fields)
        {
            foreach (var spelling in field.Spellings)
            {
                var property = properties[spelling] = field.Schema.DeepClone();
                property["description"] = field.Meaning;
            }

            if (field.Spellings.Count > 1)
                oneSpelling.Add(Not(Both([.. field.Spellings])));
        }

        var schema = new JsonObject { ["type"] = Type("object", nullable), ["properties"] = properties, ["additionalProperties"] = false };
        if (oneSpelling.Count > 0)
            schema["allOf"] = oneSpelling;
        return schema;
    }

    public static JsonObject Text() => new() { ["type"] = Type("string", nullable: true) };

    public static JsonObject Text(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    public static JsonObject Integer(long least, long most) => new() { ["type"] = Type("integer", nullable: true), ["minimum"] = least, ["maximum"] = most };

    public static JsonObject Number(double least, double most) => new() { ["type"] = Type("number", nullable: true), ["minimum"] = least, ["maximum"] = most };

    public static JsonObject Boolean() => new() { ["type"] = Type("boolean", nullable: true) };

    public static JsonObject OneOf(IEnumerable<string> names, bool nullable = true)
    {
        var allowed = new JsonArray([.. names.Select(x => (JsonNode)x)]);
        if (nullable)
            allowed.Add(null);
        return new() { ["enum"] = allowed };
    }

    public static JsonObject Array(JsonObject items, int most) => new() { ["type"] = Type("array", nullable: true), ["maxItems"] = most, ["items"] = items };

    public static JsonObject Requires(params string[] names) => new() { ["required"] = new JsonArray([.. names.Select(x => (JsonNode)x)]) };

    /// <summary>Just one of them is there.</summary>
    public static JsonArray OneOfRequired(IEnumerable<string> names) => [.. names.Select(x => Requires(x))];

    static JsonObject Not(JsonObject schema) => new() { ["not"] = schema };

    // Of null, which is no object, every field is there.
    static JsonObject Both(params string[] spellings)
    {
        var both = Requires(spellings);
        both["type"] = "object";
        return both;
    }

    static JsonNode Type(string name, bool nullable) => nullable ? new JsonArray(name, "null") : name;
}
