using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ReactorJobs.Embedded;

/// <summary>
/// Ports of 127.0.0.1 below those that the system gives to outgoing connections (from 32768 on Linux, 49152 elsewhere): while a server is
/// down, a client that tries to connect could be given the very port that it tries, would then be connected to itself, and the server could
/// not have its port back.
/// </summary>
static class LoopbackPorts
{
    const int Lowest = 20_000;
    const int Count = 12_000;

    /// <summary>Where the search for free ports begins: elsewhere for another folder, so that two suites do not race for the same.</summary>
    public static int First(string dataFolder) => Lowest + (int)(BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder))) % Count);

    /// <summary>All of them, beginning at one.</summary>
    public static IEnumerable<int> From(int first) => Enumerable.Range(0, Count).Select(offset => Lowest + ((first - Lowest + offset) % Count));

    public static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
