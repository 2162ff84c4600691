using MassTransit;

namespace ReactorJobs.Hosting.Bus;

/// <summary>
/// Whether this process hears the bus. What has not been heard of while it was deaf may be well: silence counts from the moment it hears.
/// </summary>
public sealed class BusHearing(TimeProvider time) : IReceiveEndpointObserver
{
    readonly Lock gate = new();
    bool hears;
    long since = time.GetTimestamp();

    /// <summary>Counts the times that it began to hear.</summary>
    public int Times { get; private set; }

    /// <summary>The timestamp from which on silence counts; null while it is deaf.</summary>
    public long? Since
    {
        get
        {
            lock (gate)
                return hears ? since : null;
        }
    }

    public void Begin()
    {
        lock (gate)
        {
            if (hears)
                return;
            (hears, since) = (true, time.GetTimestamp());
            Times++;
        }
    }

    public void End()
    {
        lock (gate)
            hears = false;
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        Begin();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping)
    {
        End();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed)
    {
        End();
        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted)
    {
        End();
        return Task.CompletedTask;
    }
}
