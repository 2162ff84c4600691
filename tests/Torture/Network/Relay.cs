using System.Net;
using System.Net.Sockets;

namespace ReactorJobs.Tests.Torture.Network;

/// <summary>One connection through a <see cref="Link"/>. It passes on the end of either side, and how it ended.</summary>
sealed class Relay(Link link, Socket client, Socket server) : IDisposable
{
    const int Chunk = 64 * 1024;

    int isReset;

    public async Task Run(EndPoint target)
    {
        try
        {
            client.NoDelay = true;
            if (target is IPEndPoint)
                server.NoDelay = true;
            await server.ConnectAsync(target);
            await Task.WhenAll(Pump(client, server, Direction.ToServer), Pump(server, client, Direction.ToClient));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody listens there, or one side was reset: so is the other.
            Reset();
        }
    }

    async Task Pump(Socket from, Socket to, Direction direction)
    {
        try
        {
            var buffer = new byte[Chunk];
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, SocketFlags.None);
                await link.Pass(direction);
                if (count == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Reset();
        }
    }

    /// <summary>Both ends see a reset: what was not read yet is gone.</summary>
    public void Reset()
    {
        if (Interlocked.Exchange(ref isReset, 1) != 0)
            return;
        foreach (var socket in (Socket[])[client, server])
            try
            {
                if (socket.AddressFamily == AddressFamily.InterNetwork)
                    socket.LingerState = new(true, 0);
                socket.Dispose();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It ended by itself meanwhile.
            }
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }
}
