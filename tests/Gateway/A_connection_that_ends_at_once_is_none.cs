using System.Net;
using System.Net.Sockets;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Tests.Gateway;

public sealed class A_connection_that_ends_at_once_is_none
{
    /// <summary>Enough for both sides of the race: the end is there before .NET looks who is connected, and after it.</summary>
    const int Tries = 300;

    [Fact]
    public async Task Services_take_each_other_for_away()
    {
        using var resets = new Resets();
        var calls = new InternalCalls(resets.Address, resets.Address, resets.Address, resets.Address, "secret");

        for (var i = 0; i < Tries; i++)
            await Assert.ThrowsAsync<StoreUnavailable>(() => calls.Send(HttpMethod.Get, calls.Ingress, "/", null, CancellationToken.None));
    }

    [Fact]
    public async Task Whatever_the_pool_throws_is_a_failed_request()
    {
        using var client = new HttpClient(new ConnectionFaults(new Throws()));

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://10.0.0.1:8000/runs")));

        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
        Assert.Contains("10.0.0.1:8000", failure.Message, StringComparison.Ordinal);
    }

    sealed class Throws : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new SocketException((int)SocketError.NotConnected);
    }

    /// <summary>Resets each connection that it is offered, as a proxy does that has lost what it stands for.</summary>
    sealed class Resets : IDisposable
    {
        readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public Resets()
        {
            listener.Start();
            Address = new Uri($"http://{listener.LocalEndpoint}");
            _ = Task.Run(async () =>
            {
                while (true)
                {
                    using var socket = await listener.AcceptSocketAsync();
                    socket.LingerState = new(true, 0);
                }
            });
        }

        public Uri Address { get; }

        public void Dispose() => listener.Dispose();
    }
}
