namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>Keeps the private RabbitMQ running: a server that dies is started again, and its clients find it at the same ports with the same password.</summary>
public sealed class BrokerKeeper : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    readonly RabbitMqOptions options;
    readonly BrokerAddress address;
    readonly TimeProvider time;
    readonly IProgress<string> progress;
    readonly CancellationTokenSource stopping = new();
    readonly Task keeping;
    volatile PrivateRabbitMq server;
    int disposed;

    BrokerKeeper(PrivateRabbitMq server, RabbitMqOptions options, TimeProvider time, IProgress<string> progress)
    {
        this.server = server;
        this.options = options;
        this.time = time;
        this.progress = progress;
        address = server.Address;
        keeping = Keep();
    }

    /// <summary>With user, password and virtual host.</summary>
    public Uri Amqp => address.Amqp;

    /// <summary>Of the management API and its pages, for <see cref="User"/>.</summary>
    public Uri Management => address.Management;

    public string User => address.User;

    public string Password => address.Password;

    /// <summary>Of the server that runs now, or of the one that died last.</summary>
    public int Pid => server.Pid;

    /// <summary>A server is being started in place of one that has died; this is its process.</summary>
    public event Action<int>? Begun;

    /// <summary>A server that had died was started again, and serves.</summary>
    public event Action? Restarted;

    /// <inheritdoc cref="PrivateRabbitMq.Start(RabbitMqOptions, TimeProvider, IProgress{string}, CancellationToken)"/>
    public static async Task<BrokerKeeper> Start(RabbitMqOptions options, TimeProvider time, IProgress<string> progress, CancellationToken stop) =>
        new(await PrivateRabbitMq.Start(options, time, progress, stop), options, time, progress);

    async Task Keep()
    {
        while (true)
        {
            var ended = await Task.WhenAny(server.Exited, Task.Delay(Timeout.InfiniteTimeSpan, time, stopping.Token));
            if (ended != server.Exited || stopping.IsCancellationRequested) return;
            progress.Report("RabbitMQ has ended; starting it again");
            await server.DisposeAsync();
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    server = await PrivateRabbitMq.Start(options, address, time, progress, stopping.Token, pid => Begun?.Invoke(pid));
                    Restarted?.Invoke();
                    break;
                }
                catch (BrokerUnavailable exception)
                {
                    progress.Report(exception.Message);
                    await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await stopping.CancelAsync();
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.DisposeAsync();
        stopping.Dispose();
    }
}
