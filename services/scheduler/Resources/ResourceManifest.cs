using System.Text.Json;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>Many resources at once: <c>{documents: [{uri, spec}]}</c>, which is taken whole or refused with every mistake in it.</summary>
public static class ResourceManifest
{
    public const int Most = 1_000;

    public static IReadOnlyList<ResourceWrite> Read(Fields fields)
    {
        var uris = new Dictionary<ResourceUri, int>();
        var number = 0;
        var writes = fields.Array("documents", Most, (element, at, parent) =>
        {
            var write = One(element, at, parent);
            number++;
            if (write is not null && !uris.TryAdd(write.Uri, number))
                parent.Wrong($"{at[1..]}/uri", $"is that of document {uris[write.Uri]}, too");
            return write;
        });
        if (writes is null)
            fields.Wrong("documents", "is required: an array of {uri, spec}");
        fields.Done();
        return [.. writes!.OfType<ResourceWrite>()];
    }

    static ResourceWrite? One(JsonElement element, string at, Fields parent)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            parent.Wrong(at[1..], "must be an object with uri and spec");
            return null;
        }

        var document = new Fields(element, at, parent);
        var text = document.String("uri", required: true);
        var (uri, fault) = text is null ? (default, null) : ResourceUri.Parse(text);
        if (fault is not null)
            document.Wrong("uri", fault);
        var spec = document.Object("spec", required: true);
        document.NoOthers();
        if (text is null || fault is not null || spec is null)
            return null;
        ResourceWrite write = uri.Kind == ResourceUri.Components
            ? new ComponentWrite(uri, at, ComponentSpec.Read(spec))
            : new DefinitionWrite(uri, at, DefinitionSpec.Read(spec));
        spec.NoOthers();
        return write;
    }
}

// The shape of a request body, for the API's description only.

public sealed record ResourceManifestSpec(IReadOnlyList<ResourceDocumentSpec> Documents);

public sealed record ResourceDocumentSpec(string Uri, object Spec);
