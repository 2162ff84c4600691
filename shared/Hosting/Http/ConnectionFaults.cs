using System.Net.Sockets;

namespace ReactorJobs.Hosting.Http;

/// <summary>
/// A connection that ends in the moment in which it came about: .NET's pool looks for the address of its other end, and lets the socket's own
/// exception through, which callers of an <see cref="HttpClient"/> do not expect. Here it is what any connection is that cannot be made.
/// </summary>
public sealed class ConnectionFaults(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"The connection to {request.RequestUri?.Authority} has ended at once: {exception.Message}", exception);
        }
    }
}
