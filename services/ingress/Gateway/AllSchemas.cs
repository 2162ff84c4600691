using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Schemas;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>The schemas of this process and of all services.</summary>
sealed class AllSchemas
{
    readonly Gathered<IReadOnlyList<PublishedSchema>> schemas;

    public AllSchemas(IEnumerable<PublishedSchema> own, ServiceAnswers services, GatewayOptions options, TimeProvider time) =>
        schemas = new(async () =>
        {
            var published = await Task.WhenAll(services.Services.Select(x => Of(x, services)));
            return published.Contains(null) ? null : [.. own.Concat(published.SelectMany(x => x!)).DistinctBy(x => x.Name)];
        }, options.DocumentsHold, time);

    public Task<IReadOnlyList<PublishedSchema>> Get(CancellationToken stop) => schemas.Get(stop);

    static async Task<IReadOnlyList<PublishedSchema>?> Of(ClusterState service, ServiceAnswers services)
    {
        if (await services.Read(service, SchemaEndpoints.Path) is not JsonArray index)
            return null;
        var found = await Task.WhenAll(index.Select(async entry => (Name: (string)entry!["name"]!, Document: await services.Read(service, (string)entry["url"]!))));
        return found.All(x => x.Document is JsonObject) ? [.. found.Select(x => new PublishedSchema(x.Name, x.Document!.AsObject()))] : null;
    }
}
