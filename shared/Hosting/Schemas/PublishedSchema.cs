using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Hosting.Schemas;

/// <summary>A schema that a module publishes for a document that it reads; registered as a singleton.</summary>
/// <param name="Name">Of the file below <c>/schemas</c>.</param>
public sealed class PublishedSchema(string name, JsonObject document)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Name => name;

    public string Title => (string)document["title"]!;

    /// <summary>As it is served.</summary>
    public byte[] Bytes { get; } = JsonSerializer.SerializeToUtf8Bytes(document, Indented);
}

/// <summary><c>/schemas</c>: for editors and validators, which have no token.</summary>
public static class SchemaEndpoints
{
    public const string Path = "/schemas";
    public const string PathOfOne = Path + "/{name}";

    // A settings change or an upgrade shows in an editor within the hour; what has not changed costs no bytes.
    const string Caching = "public, max-age=3600";

    internal static void MapSchemas(this IEndpointRouteBuilder endpoints)
    {
        PublishedSchema[] schemas = [.. endpoints.ServiceProvider.GetServices<PublishedSchema>()];
        endpoints.MapGet(Path, () => List(schemas)).Produces<SchemaView[]>().AllowAnonymous();
        endpoints.MapGet(PathOfOne, (HttpContext http, string name) => One(http, schemas, name))
            .Produces(200, contentType: "application/schema+json").ProducesProblem(404).AllowAnonymous();
    }

    public static IResult List(IEnumerable<PublishedSchema> schemas) =>
        ApiJson.Answer(200, schemas.OrderBy(x => x.Name, StringComparer.Ordinal).Select(x => new SchemaView(x.Name, x.Title, $"{Path}/{x.Name}")));

    public static IResult One(HttpContext http, IEnumerable<PublishedSchema> schemas, string name)
    {
        var schema = schemas.FirstOrDefault(x => x.Name == name) ?? throw new ProblemException(Problem.NotFound("schema", name));
        http.Response.Headers.CacheControl = Caching;
        var sum = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(schema.Bytes))[..32]}\"");
        return Results.Bytes(schema.Bytes, "application/schema+json", entityTag: sum);
    }
}

/// <param name="Url">Its path on this host.</param>
public sealed record SchemaView(string Name, string Title, string Url);
