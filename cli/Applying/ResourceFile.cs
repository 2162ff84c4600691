using System.Globalization;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ReactorJobs.Cli.Applying;

/// <summary>
/// YAML documents of <c>uri</c> and <c>spec</c>, with the place of everything in them: whether they are right, the suite says; where, this does.
/// </summary>
/// <param name="shown">What messages call the file.</param>
sealed class ResourceFile(string shown, IReadOnlyList<YamlDocument> documents)
{
    // Aliases of aliases may unfold without an end.
    const int MostNodes = 100_000;

    readonly Dictionary<string, Mark> places = [];
    int nodes;

    public static ResourceFile Read(string shown, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            throw Failure.Usage($"{shown}:{Place(fault.Start)}: is not YAML: {fault.Message}");
        }

        // A file may end with ---, or hold comments only between two of them.
        var documents = stream.Documents.Where(x => x.RootNode is not YamlScalarNode { Value: null or "" }).ToArray();
        return documents.Length > 0 ? new(shown, documents) : throw Failure.Usage($"{shown} has no documents", "each is a uri and a spec; --- stands between two of them");
    }

    /// <summary>The request that applies them, with the code of components that come from files.</summary>
    /// <param name="folder">What the files' paths begin from.</param>
    public async Task<JsonObject> Body(string folder, CancellationToken ct)
    {
        var body = new JsonArray();
        foreach (var (document, i) in documents.Select((x, i) => (x, i)))
            body.Add(Convert(document.RootNode, $"/documents/{i}"));
        var missing = new List<FieldError>();
        foreach (var (document, i) in body.Select((x, i) => (x, i)))
            if (document is JsonObject { } entry && entry["spec"] is JsonObject spec && Text(spec, "codeFile", "code_file") is { } file && Text(spec, "code", "code") is null)
                try
                {
                    spec["code"] = await File.ReadAllTextAsync(Path.Combine(folder, file), ct);
                    // Where the file lies is this machine's business.
                    spec[spec.ContainsKey("codeFile") ? "codeFile" : "code_file"] = Path.GetFileName(file);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    missing.Add(Located(new($"/documents/{i}/spec/codeFile", $"cannot be read: {e.Message}")));
                }

        return missing.Count == 0
            ? new JsonObject { ["documents"] = body }
            : throw new Failure(ExitCode.Usage, NotApplied(missing.Count)) { Fields = missing };
    }

    public ApiRefusal Refused(ApiRefusal refusal) => refusal.In(NotApplied(refusal.Fields.Count), Located);

    string NotApplied(int reasons) => $"{shown} is not applied{(reasons == 1 ? "" : $", for {reasons.ToString(CultureInfo.InvariantCulture)} reasons")}";

    FieldError Located(FieldError error)
    {
        var at = Loose(error.Pointer);
        while (at.Length > 0 && !places.ContainsKey(at))
            at = at[..at.LastIndexOf('/')];
        var field = error.Pointer.Split('/').Skip(3).ToArray();
        return new(places.TryGetValue(at, out var mark) ? $"{shown}:{Place(mark)}" : shown, $"{string.Join('.', field)} {error.Detail}".TrimStart());
    }

    /// <summary>Every value is a text, a list or an object: resources have no others.</summary>
    JsonNode? Convert(YamlNode node, string at)
    {
        if (++nodes > MostNodes)
            throw Failure.Usage($"{shown} has more than {MostNodes.ToString(CultureInfo.InvariantCulture)} values when its aliases are followed");
        places.TryAdd(Loose(at), node.Start);
        return node switch
        {
            YamlMappingNode map => new JsonObject(map.Children.Select(x => Field(x.Key, x.Value, at))),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select((x, i) => Convert(x, $"{at}/{i.ToString(CultureInfo.InvariantCulture)}"))]),
            YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" } => null,
            _ => ((YamlScalarNode)node).Value,
        };
    }

    KeyValuePair<string, JsonNode?> Field(YamlNode key, YamlNode value, string at)
    {
        if (key is not YamlScalarNode { Value: { } name })
            throw Failure.Usage($"{shown}:{Place(key.Start)}: the name of a field must be a text");
        places.TryAdd(Loose($"{at}/{name}"), key.Start);
        return new(name, Convert(value, $"{at}/{name}"));
    }

    static string? Text(JsonObject spec, string name, string other) => (spec[name] ?? spec[other]) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    static string Place(Mark mark) => string.Create(CultureInfo.InvariantCulture, $"{mark.Line}:{mark.Column}");

    /// <summary>Fields may be in <c>snake_case</c> or <c>camelCase</c>, and a mistake names them in one of these only.</summary>
    static string Loose(string pointer) => pointer.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
