using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ReactorJobs.Tests.Torture.Network;

/// <summary>What a link does to the bytes of one direction, until it is told otherwise.</summary>
enum Passage
{
    Open,

    /// <summary>Held back, as by a network that loses every packet; they arrive when it is open again, as TCP sends them again then.</summary>
    Held,

    /// <summary>Passed on after <see cref="Link.Latency"/>.</summary>
    Slow,
}

enum Direction
{
    ToServer,
    ToClient,
}

/// <summary>
/// The way from one process to another: a listener of its own, whose connections go on to where the other one really listens. Whoever is given its
/// address can be cut off from that one peer, and from nobody else.
/// </summary>
sealed class Link : IAsyncDisposable
{
    readonly Socket listener;
    readonly EndPoint target;
    readonly ConcurrentDictionary<Relay, byte> relays = new();
    readonly Task accepting;
    readonly TimeProvider time;
    TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool refuses;

    public Link(EndPoint target, TimeProvider time)
    {
        (this.target, this.time) = (target, time);
        listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        accepting = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public Passage ToServer { get; private set; }

    public Passage ToClient { get; private set; }

    public TimeSpan Latency { get; private set; }

    public int Connections => relays.Count;

    /// <summary>Ends what is connected, and refuses what comes: a reset, where nobody listens.</summary>
    public void Cut()
    {
        refuses = true;
        Reset();
    }

    /// <summary>Ends what is connected by a reset; what comes next is connected as ever.</summary>
    public void Reset()
    {
        foreach (var relay in relays.Keys)
            relay.Reset();
    }

    public void Hold(Direction direction)
    {
        if (direction == Direction.ToServer)
            ToServer = Passage.Held;
        else
            ToClient = Passage.Held;
        Changed();
    }

    public void Slow(TimeSpan latency)
    {
        Latency = latency;
        ToServer = ToClient = Passage.Slow;
        Changed();
    }

    public void Heal()
    {
        refuses = false;
        ToServer = ToClient = Passage.Open;
        Changed();
    }

    /// <summary>Waits as long as the bytes of the direction are held or slowed.</summary>
    public async ValueTask Pass(Direction direction)
    {
        while (true)
        {
            var next = Volatile.Read(ref changed).Task;
            switch (direction == Direction.ToServer ? ToServer : ToClient)
            {
                case Passage.Open:
                    return;
                case Passage.Slow:
                    await Task.WhenAny(next, Task.Delay(Latency, time));
                    return;
                default:
                    await next;
                    break;
            }
        }
    }

    void Changed() => Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    async Task Accept()
    {
        try
        {
            while (true)
                _ = Serve(await listener.AcceptAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The trial is over.
        }
    }

    async Task Serve(Socket client)
    {
        using var server = new Socket(target.AddressFamily, SocketType.Stream, target is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        using var relay = new Relay(this, client, server);
        relays.TryAdd(relay, 0);
        try
        {
            if (refuses)
                relay.Reset();
            else
                await relay.Run(target);
        }
        finally
        {
            relays.TryRemove(relay, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await accepting;
        Heal();
        Reset();
    }
}
