using System.Globalization;
using ReactorJobs.Ingress.Webhooks;
using ReactorJobs.Ingress.Webhooks.Deliveries;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace ReactorJobs.Ingress.Gateway;

/// <param name="Path">As in ASP.NET routing: the most specific one decides.</param>
/// <param name="IsAnonymous">The service asks for a token of its own kind.</param>
sealed record GatewayRow(string Path, string Service, bool IsAnonymous = false);

/// <summary>
/// What goes where. Paths that are not here are served by the ingress or by nobody, those for services among themselves (<c>/internal</c>) in
/// particular. A service answers for its unknown paths and wrong methods itself.
/// </summary>
static class GatewayTable
{
    public const string Scheduler = "scheduler";
    public const string Executor = "executor";
    public const string Events = "events";

    /// <summary>Names the executor's start that a callback is for.</summary>
    public const string CallbackOwner = "executor";

    public static readonly GatewayRow[] Forwarded =
    [
        new("/jobs/v1/{**rest}", Scheduler),
        new("/resources/{**rest}", Scheduler),

        new("/jobs/v1/_admin/events/{**rest}", Events),
        new("/jobs/v1/_admin/refused", Events),
        new("/jobs/v1/_admin/sql/{**rest}", Events),
        new("/jobs/v1/_admin/data/{**rest}", Events),

        new("/functions/v1/{**rest}", Executor),
        new("/jobs/v1/_admin/functions/{**rest}", Executor),
        new("/jobs/v1/_admin/logs", Executor),
        new("/jobs/v1/_admin/jobs/{name}/logs", Executor),
        new("/jobs/v1/_worker", Executor),
        new($"/jobs/v1/_worker/{{{CallbackOwner}}}/{{**rest}}", Executor, IsAnonymous: true),
    ];

    /// <summary>The ingress's own among the paths above: they are not forwarded when the method is wrong.</summary>
    public static readonly string[] Own =
    [
        "/jobs/v1/_admin/whoami",
        "/jobs/v1/_admin/tokens",
        "/jobs/v1/_admin/tokens/{id}",
        HookEndpoints.RotatePath,
        DeliveryEndpoints.ListPath,
        DeliveryEndpoints.RedeliverPath,
    ];

    // What the ingress serves has order 0.
    public const int OrderOfOwn = 1;
    const int OrderOfForwarded = 2;

    const string Anonymous = "anonymous";

    public static IReadOnlyList<RouteConfig> Routes { get; } =
    [
        .. Forwarded.Select(row => new RouteConfig
        {
            RouteId = row.Path,
            ClusterId = row.Service,
            Order = OrderOfForwarded,
            Match = new() { Path = row.Path },
            AuthorizationPolicy = row.IsAnonymous ? Anonymous : null,
        }),
    ];

    public static IReadOnlyList<ClusterConfig> Clusters(GatewayOptions options) =>
    [
        .. options.Instances.Select(service => new ClusterConfig
        {
            ClusterId = service.Key,
            // A worker stays where it has connected: what counts is who has the fewest.
            LoadBalancingPolicy = service.Key == Executor ? LoadBalancingPolicies.LeastRequests : LoadBalancingPolicies.PowerOfTwoChoices,
            Destinations = service.Value.Select((address, i) => (address, Id: (i + 1).ToString(CultureInfo.InvariantCulture)))
                .ToDictionary(x => x.Id, x => new DestinationConfig { Address = x.address.ToString() }),
            HealthCheck = new()
            {
                // Not the proxy's own choice, which is to try them all when none can serve.
                AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
                Active = new() { Enabled = true, Interval = options.CheckEvery, Timeout = options.CheckPatience, Policy = InstanceHealth.PolicyName, Path = Hosting.Health.HealthEndpoints.ReadyPath },
            },
            HttpRequest = new ForwarderRequestConfig
            {
                Version = System.Net.HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                ActivityTimeout = options.SilenceLimit,
                AllowResponseBuffering = false,
            },
        }),
    ];
}
