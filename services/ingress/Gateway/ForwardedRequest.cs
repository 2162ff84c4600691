using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace ReactorJobs.Ingress.Gateway;

/// <summary>What a request becomes on its way: the same target, and who calls in place of the token.</summary>
sealed class ForwardedRequest(InternalCalls calls) : ITransformProvider
{
    static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public void Apply(TransformBuilderContext context)
    {
        // The service writes links to where it was called.
        context.AddOriginalHost();
        var isAnonymous = context.Route.AuthorizationPolicy is not null;
        context.AddRequestTransform(transform =>
        {
            transform.ProxyRequest.RequestUri = Target(transform.DestinationPrefix, transform.HttpContext);
            foreach (var header in ForwardedCaller.Headers)
                transform.ProxyRequest.Headers.Remove(header);
            if (!isAnonymous)
            {
                transform.ProxyRequest.Headers.Remove(HeaderNames.Authorization);
                ForwardedCaller.Say(transform.ProxyRequest, transform.HttpContext.Caller(), calls);
            }

            return ValueTask.CompletedTask;
        });
        // Who follows learns at once that he does, and not with the first event, which may be hours away.
        context.AddResponseTransform(transform => transform.ProxyResponse?.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? new(transform.HttpContext.Response.Body.FlushAsync(transform.HttpContext.RequestAborted))
            : ValueTask.CompletedTask);
    }

    /// <summary>
    /// Byte for byte what was asked for. The path that the ingress has read is not written anew: one that is decoded here and again by the
    /// service could name something else there than what was let through here.
    /// </summary>
    static Uri Target(string destination, HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/'))
            throw new ProblemException(Problem.Invalid("", "must name a path as its target, not a whole URL"));
        if (!Uri.TryCreate(destination.TrimEnd('/') + target, AsItIs, out var uri))
            throw new ProblemException(Problem.Invalid("", "must name a path as its target"));
        return uri;
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }
}
