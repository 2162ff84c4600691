using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Schemas;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>The ingress as the way to services in other processes.</summary>
public static class Gateway
{
    /// <summary>For the ingress's own process, beside its module; the host's <c>InternalCalls</c> gives the secret.</summary>
    public static IServiceCollection AddGateway(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(options.Validated());
        services.AddSingleton<CallbackOwners>().AddSingleton<Forwarding>().AddSingleton<ApiDescription>().AddSingleton<AllSchemas>();
        // What the proxy is made of asks the services too: it may not be asked for here already.
        services.AddSingleton(provider => new ServiceAnswers(
            new(provider.GetRequiredService<IProxyStateLookup>), provider.GetRequiredService<InternalCalls>(), options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HealthOfServices>();
        services.AddSingleton<HealthElsewhere>(provider => provider.GetRequiredService<HealthOfServices>().Ask);
        services.AddSingleton<IActiveHealthCheckPolicy, InstanceHealth>();
        // Its own words on each failed check and each caller who left would fill the log; the gateway tells what changes.
        services.AddLogging(logging => logging.AddFilter("Yarp", LogLevel.Error));
        services.AddReverseProxy()
            .LoadFromMemory(GatewayTable.Routes, GatewayTable.Clusters(options))
            .AddTransforms<ForwardedRequest>();
        services.AddSingleton<IForwarderHttpClientFactory>(new ServiceConnections(options));
        return services;
    }

    public static void MapGateway(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var forwarding = services.GetRequiredService<Forwarding>();
        endpoints.MapReverseProxy(proxy =>
        {
            proxy.Use(forwarding.Forward);
            proxy.UseLoadBalancing();
        });
        foreach (var path in GatewayTable.Own)
            endpoints.Map(path, RefuseMethod).WithOrder(GatewayTable.OrderOfOwn).ExcludeFromDescription();

        // In place of what the process says of itself alone.
        const int first = -1;
        var description = services.GetRequiredService<ApiDescription>();
        endpoints.MapGet(ServiceAnswers.DescriptionPath, (HttpContext http) => description.Answer(http)).WithOrder(first).AllowAnonymous().ExcludeFromDescription();
        var schemas = services.GetRequiredService<AllSchemas>();
        endpoints.MapGet(SchemaEndpoints.Path, async (CancellationToken stop) => SchemaEndpoints.List(await schemas.Get(stop)))
            .WithOrder(first).AllowAnonymous().ExcludeFromDescription();
        endpoints.MapGet(SchemaEndpoints.PathOfOne, async (HttpContext http, string name) => SchemaEndpoints.One(http, await schemas.Get(http.RequestAborted), name))
            .WithOrder(first).AllowAnonymous().ExcludeFromDescription();
    }

    static Task RefuseMethod(HttpContext http) =>
        throw new ProblemException(new(405, "method_not_allowed", $"{http.Request.Method} is not allowed at {http.Request.Path}."));
}
