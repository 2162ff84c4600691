using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Identity;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>The gateway's own questions to the services, over the connections that it forwards on.</summary>
sealed class ServiceAnswers(Lazy<IProxyStateLookup> proxy, InternalCalls calls, GatewayOptions options, TimeProvider time)
{
    public const string DescriptionPath = "/openapi/v1.json";

    /// <summary>In the order of the table; none before the proxy has started.</summary>
    public IReadOnlyList<ClusterState> Services => [.. options.Instances.Keys.Select(x => proxy.Value.TryGetCluster(x, out var cluster) ? cluster : null).OfType<ClusterState>()];

    /// <summary>What one instance answers; null when it does not.</summary>
    public async Task<HttpResponseMessage?> Ask(ClusterState service, DestinationState instance, string path)
    {
        using var patience = new CancellationTokenSource(options.CheckPatience, time);
        using var request = new HttpRequestMessage(HttpMethod.Get, instance.Model.Config.Address.TrimEnd('/') + path) { Version = HttpVersion.Version11 };
        request.Headers.Add(InternalCalls.Header, calls.Secret);
        HttpResponseMessage? response = null;
        try
        {
            response = await service.Model.HttpClient.SendAsync(request, patience.Token);
            await response.Content.LoadIntoBufferAsync(patience.Token);
            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            response?.Dispose();
            return null;
        }
    }

    /// <summary>The JSON that one instance answers; null when it does not, or something else.</summary>
    public async Task<JsonNode?> Read(ClusterState service, DestinationState instance, string path)
    {
        using var response = await Ask(service, instance, path);
        if (response is not { IsSuccessStatusCode: true })
            return null;
        try
        {
            return JsonNode.Parse(await response.Content.ReadAsByteArrayAsync());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The JSON that the first instance gives of those in service; null when none does.</summary>
    public async Task<JsonNode?> Read(ClusterState service, string path)
    {
        foreach (var instance in service.DestinationsState.AvailableDestinations)
            if (await Read(service, instance, path) is { } json)
                return json;
        return null;
    }
}
