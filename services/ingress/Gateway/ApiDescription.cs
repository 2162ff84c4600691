using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>One description of the API, of this process's part and those of the services.</summary>
sealed class ApiDescription
{
    readonly Gathered<JsonObject> description;

    public ApiDescription(
        [FromKeyedServices("v1")] IOpenApiDocumentProvider own, ServiceAnswers services, GatewayOptions options, TimeProvider time, ILogger<ApiDescription> logger) =>
        description = new(async () =>
        {
            var others = await Task.WhenAll(services.Services.Select(x => services.Read(x, ServiceAnswers.DescriptionPath)));
            if (others.Any(x => x is not JsonObject))
                return null;
            var (merged, clashes) = OpenApiMerge.Of(await Own(own), others.Select(x => x!.AsObject()));
            foreach (var clash in clashes)
                logger.LogWarning("Two services describe {Part} of the API differently: the first one's word is shown", clash);
            return merged;
        }, options.DocumentsHold, time);

    public async Task Answer(HttpContext http)
    {
        var document = (JsonObject)(await description.Get(http.RequestAborted)).DeepClone();
        document["servers"] = new JsonArray(new JsonObject { ["url"] = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}/" });
        http.Response.ContentType = "application/json;charset=utf-8";
        await http.Response.WriteAsync(document.ToJsonString(Hosting.Http.ApiJson.Options), http.RequestAborted);
    }

    static async Task<JsonObject> Own(IOpenApiDocumentProvider provider)
    {
        using var bytes = new MemoryStream();
        await (await provider.GetOpenApiDocumentAsync()).SerializeAsJsonAsync(bytes, OpenApiSpecVersion.OpenApi3_1);
        return JsonNode.Parse(bytes.ToArray())!.AsObject();
    }
}
