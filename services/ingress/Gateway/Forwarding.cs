using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>What is done when forwarding fails: another instance where nothing was sent yet, else an answer that says so.</summary>
sealed partial class Forwarding(CallbackOwners owners, IDestinationHealthUpdater health, IHostApplicationLifetime lifetime, ILogger<Forwarding> logger)
{
    public async Task Forward(HttpContext http, RequestDelegate next)
    {
        var proxy = http.GetReverseProxyFeature();
        var cluster = proxy.Route.Cluster ?? throw new InvalidOperationException("The route has no service.");
        // Workers find another way at once; they would keep a host that stops waiting.
        using var stopping = http.WebSockets.IsWebSocketRequest ? lifetime.ApplicationStopping.Register(http.Abort) : default;

        // A callback belongs to one executor, also when that one takes nothing new.
        var instances = http.Request.RouteValues[GatewayTable.CallbackOwner] is string owner ? await owners.Of(owner, cluster, http.RequestAborted) : proxy.AvailableDestinations;
        while (instances.Count > 0)
        {
            proxy.AvailableDestinations = instances;
            await next(http);
            if (http.GetForwarderErrorFeature() is not { } error || http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
                return;
            var refusing = proxy.ProxiedDestination;
            if (refusing is null || !NothingWasSent(error))
                throw new ProblemException(Explain(error, cluster.ClusterId, refusing?.Model.Config.Address));

            if (refusing.Health.Active != DestinationHealth.Unhealthy)
            {
                NotReached(cluster.ClusterId, refusing.Model.Config.Address, error.Exception?.Message);
                health.SetActive(cluster, [new(refusing, DestinationHealth.Unhealthy)]);
            }

            instances = [.. instances.Where(x => x != refusing)];
            http.Response.StatusCode = StatusCodes.Status200OK; // any other one counts as an answer
            http.Features.Set<IForwarderErrorFeature>(null);
        }

        throw new ProblemException(Problem.Unavailable($"No instance of the {cluster.ClusterId} is in service."));
    }

    /// <summary>No connection came about. Sending again what was sent once, even in part, could do it twice.</summary>
    static bool NothingWasSent(IForwarderErrorFeature error) => error is
    {
        Error: ForwarderError.Request,
        Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError },
    };

    Problem Explain(IForwarderErrorFeature error, string service, string? address)
    {
        if (error is { Error: ForwarderError.RequestCreation, Exception: ProblemException refused })
            return refused.Problem;
        if (error.Error is ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled)
            return new(StatusCodes.Status400BadRequest, "invalid_request", "The body could not be read to its end.");
        Failed(service, address, error.Error, error.Exception?.Message);
        return Problem.Unavailable($"The {service} does not answer.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Service} at {Address} cannot be reached and gets no requests until it is ready: {Reason}")]
    partial void NotReached(string service, string address, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request to the {Service} at {Address} failed: {Error}: {Reason}")]
    partial void Failed(string service, string? address, ForwarderError error, string? reason);
}
