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
public sealed record InternalCalls(ServiceAddress Ingress, ServiceAddress Scheduler, ServiceAddress Executor, ServiceAddress Events, string Secret)
{
    public const string Header = "X-Reactor-Internal";

    readonly HttpClient client = new(new ConnectionFaults(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })) { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Asks one instance; the next one when nobody listens there, for then nothing was sent.</summary>
    public async Task<HttpResponseMessage> Send(HttpMethod method, ServiceAddress service, string path, HttpContent? content, CancellationToken stop)
    {
        Exception? failure = null;
        foreach (var instance in service.InTurn())
        {
            using var request = new HttpRequestMessage(method, new Uri(instance, path)) { Content = content };
            request.Headers.Add(Header, Secret);
            try
            {
                return await client.SendAsync(request, stop);
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConnectionError)
            {
                failure = exception;
                request.Content = null; // not to be disposed of: the next instance gets it
            }
            catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !stop.IsCancellationRequested))
            {
                throw new GroupCommit.StoreUnavailable($"The service at {instance} does not answer.", exception);
            }
        }

        throw new GroupCommit.StoreUnavailable($"The service at {service} does not answer.", failure);
    }

    public bool Admits(HttpContext http) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers[Header].ToString()), Encoding.UTF8.GetBytes(Secret));
}

/// <summary>Where the instances of a service are.</summary>
public sealed class ServiceAddress(params IReadOnlyList<Uri> instances)
{
    int turn;

    public static implicit operator ServiceAddress(Uri only) => new(only);

    /// <summary>Each instance once, another one first each time.</summary>
    public IEnumerable<Uri> InTurn()
    {
        var first = (int)((uint)Interlocked.Increment(ref turn) % instances.Count);
        return instances.Skip(first).Concat(instances.Take(first));
    }

    public override string ToString() => string.Join(" or ", instances);
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
