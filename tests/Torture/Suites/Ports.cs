using System.Net;
using System.Net.Sockets;

namespace ReactorJobs.Tests.Torture.Suites;

/// <summary>
/// Ports for what is killed and comes back at the same one. They lie below those that the system gives to outgoing connections, one of which could
/// otherwise have the port when its owner is back.
/// </summary>
static class Ports
{
    const int Lowest = 10_000;
    const int Count = 9_000;

    /// <summary>Between those of neighbouring processes, which may be trials too.</summary>
    const int Apart = 613;

    public static IReadOnlyList<int> Free(int count)
    {
        var held = new List<TcpListener>();
        try
        {
            for (var next = Environment.ProcessId % Count * Apart; held.Count < count; next++)
                if (Listener(Lowest + (next % Count)) is { } listener)
                    held.Add(listener);
            return [.. held.Select(x => ((IPEndPoint)x.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in held)
                listener.Dispose();
        }
    }

    static TcpListener? Listener(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
