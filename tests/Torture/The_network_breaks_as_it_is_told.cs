using System.Net;
using System.Net.Sockets;
using ReactorJobs.Tests.Torture.Network;

namespace ReactorJobs.Tests.Torture;

public sealed class The_network_breaks_as_it_is_told : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly TcpListener server = new(IPAddress.Loopback, 0);
    Link link = null!;

    public Task InitializeAsync()
    {
        server.Start();
        link = new(server.LocalEndpoint, TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await link.DisposeAsync();
        server.Dispose();
    }

    [Fact]
    public async Task What_is_sent_arrives_in_both_directions_and_so_does_the_end()
    {
        using var pair = await Connect();
        Assert.Equal(1, await Echo(pair.Client, pair.Server, 1));
        Assert.Equal(2, await Echo(pair.Server, pair.Client, 2));
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await Receive(pair.Server, new byte[1]));
        Assert.Equal(3, await Echo(pair.Server, pair.Client, 3));
    }

    [Fact]
    public async Task A_cut_resets_what_is_connected_and_what_comes_until_it_is_healed()
    {
        using var pair = await Connect();
        link.Cut();
        await IsReset(pair.Client);
        await IsReset(pair.Server);
        await IsRefused();

        link.Heal();
        using var next = await Connect();
        Assert.Equal(4, await Echo(next.Client, next.Server, 4));
    }

    [Fact]
    public async Task A_reset_ends_what_is_connected_and_nothing_after_it()
    {
        using var pair = await Connect();
        link.Reset();
        await IsReset(pair.Client);
        using var next = await Connect();
        Assert.Equal(5, await Echo(next.Client, next.Server, 5));
    }

    [Fact]
    public async Task One_direction_is_held_while_the_other_passes_and_arrives_when_it_is_healed()
    {
        using var pair = await Connect();
        link.Hold(Direction.ToServer);
        await pair.Client.SendAsync(new byte[] { 6 });
        var held = Receive(pair.Server, new byte[1]);
        Assert.Equal(7, await Echo(pair.Server, pair.Client, 7));
        Assert.False(held.IsCompleted);
        link.Heal();
        Assert.Equal(1, await held);
    }

    [Fact]
    public async Task What_is_slow_is_late_by_its_latency()
    {
        using var pair = await Connect();
        var latency = TimeSpan.FromMilliseconds(150);
        link.Slow(latency);
        var since = TimeProvider.System.GetTimestamp();
        Assert.Equal(8, await Echo(pair.Client, pair.Server, 8));
        Assert.True(TimeProvider.System.GetElapsedTime(since) >= latency - TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task Where_nobody_listens_a_connection_is_reset()
    {
        server.Stop();
        await IsRefused();
    }

    /// <summary>The reset may come before the connection is seen as made, or after.</summary>
    async Task IsRefused() => Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(async () =>
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, link.Port);
        await Receive(client, new byte[1]);
    })).SocketErrorCode);

    async Task<Pair> Connect()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, link.Port);
        return new(client, await server.AcceptSocketAsync().WaitAsync(Limit));
    }

    static async Task<int> Echo(Socket from, Socket to, byte value)
    {
        await from.SendAsync(new[] { value });
        var buffer = new byte[1];
        Assert.Equal(1, await Receive(to, buffer));
        return buffer[0];
    }

    static Task<int> Receive(Socket socket, byte[] buffer) => socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None).AsTask().WaitAsync(Limit);

    static async Task IsReset(Socket socket)
    {
        var exception = await Assert.ThrowsAsync<SocketException>(() => Receive(socket, new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
    }

    sealed record Pair(Socket Client, Socket Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
