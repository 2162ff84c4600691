using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Hosting.Identity;

/// <summary>
/// How services of one installation call each other over HTTP: at these addresses, with a secret that only they hold. In the embedded host
/// all addresses are its own.
/// </summary>
public sealed record InternalCalls(Uri Ingress, Uri Scheduler, Uri Executor, Uri Events, string Secret)
{
    public const string Header = "X-Reactor-Internal";

    readonly HttpClient client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = TimeSpan.FromSeconds(5) };

    public async Task<HttpResponseMessage> Send(HttpMethod method, Uri service, string path, HttpContent? content, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(service, path)) { Content = content };
        request.Headers.Add(Header, Secret);
        try
        {
            return await client.SendAsync(request, stop);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !stop.IsCancellationRequested))
        {
            throw new GroupCommit.StoreUnavailable($"The service at {service} does not answer.", exception);
        }
    }

    public bool Admits(HttpContext http) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers[Header].ToString()), Encoding.UTF8.GetBytes(Secret));
}

public static class InternalEndpoints
{
    /// <summary>Serves other services only; to everyone else the path does not exist.</summary>
    public static TBuilder OnlyForServices<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AllowAnonymous().AddEndpointFilter(async (invocation, next) =>
            invocation.HttpContext.RequestServices.GetRequiredService<InternalCalls>().Admits(invocation.HttpContext)
                ? await next(invocation)
                : throw new ProblemException(new(404, "not_found", $"There is nothing at {invocation.HttpContext.Request.Path}."))).ExcludeFromDescription();

    static TBuilder ExcludeFromDescription<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ExcludeFromDescriptionAttributeMetadata());

    sealed class ExcludeFromDescriptionAttributeMetadata : Microsoft.AspNetCore.Routing.IExcludeFromDescriptionMetadata
    {
        public bool ExcludeFromDescription => true;
    }
}
