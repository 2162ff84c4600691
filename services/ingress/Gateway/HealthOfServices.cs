using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Health;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Ingress.Gateway;

/// <param name="Reports">What its ready instances say of themselves: capabilities and details.</param>
sealed record ServiceHealth(string Service, IReadOnlyList<JsonNode> Reports);

/// <summary>The capabilities of the services behind the gateway.</summary>
sealed class HealthOfServices(ServiceAnswers services)
{
    public async Task<IReadOnlyList<HealthWord>> Ask(CancellationToken stop) =>
        Words(await Task.WhenAll(services.Services.Select(async service => new ServiceHealth(service.ClusterId, await Reports(service)))).WaitAsync(stop));

    async Task<IReadOnlyList<JsonNode>> Reports(ClusterState service)
    {
        var ready = service.Destinations.Values.Where(x => x.Health.Active == DestinationHealth.Healthy);
        return [.. (await Task.WhenAll(ready.Select(x => services.Read(service, x, HealthEndpoints.InternalPath)))).OfType<JsonNode>()];
    }

    /// <summary>A capability is there when one instance of its service has it; jobs need an instance of each.</summary>
    public static IReadOnlyList<HealthWord> Words(IEnumerable<ServiceHealth> services) => [.. services.SelectMany(Words)];

    static IEnumerable<HealthWord> Words(ServiceHealth service) => service.Reports.Count == 0
        ? [new(HealthContribution.Jobs, $"no {service.Service}")]
        : service.Reports
            .SelectMany(report => report["capabilities"]!.AsObject().Select(x => new HealthWord(x.Key, (string)x.Value!, report["details"]?[x.Key])))
            .GroupBy(x => x.Capability)
            .Select(said => said.FirstOrDefault(x => x.Word == HealthContribution.Ok) ?? said.First());
}
