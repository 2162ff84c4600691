using ReactorJobs.Embedded.PostgreSql;

namespace ReactorJobs.Embedded;

/// <summary>Keeps the private PostgreSQL running: a server that dies is started again, and the services find it at the same socket.</summary>
sealed class DatabaseKeeper : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    readonly PostgresOptions options;
    readonly TimeProvider time;
    readonly IProgress<string> progress;
    readonly CancellationTokenSource stopping = new();
    readonly Task keeping;
    PrivatePostgres server;

    DatabaseKeeper(PrivatePostgres server, PostgresOptions options, TimeProvider time, IProgress<string> progress)
    {
        this.server = server;
        this.options = options;
        this.time = time;
        this.progress = progress;
        ConnectionString = server.ConnectionString;
        keeping = Keep();
    }

    public string ConnectionString { get; }

    /// <summary>The postmaster.</summary>
    public int Pid => server.ProcessId;

    /// <summary>Another postmaster serves.</summary>
    public event Action? Restarted;

    public static async Task<DatabaseKeeper> Start(PostgresOptions options, TimeProvider time, IProgress<string> progress, CancellationToken stop) =>
        new(await PrivatePostgres.Start(options, time, progress, stop), options, time, progress);

    async Task Keep()
    {
        while (true)
        {
            var ended = await Task.WhenAny(server.Exited, Task.Delay(Timeout.InfiniteTimeSpan, time, stopping.Token));
            if (ended != server.Exited || stopping.IsCancellationRequested)
                return;
            progress.Report("PostgreSQL has ended; starting it again");
            await server.DisposeAsync();
            while (!stopping.IsCancellationRequested)
            {
                try
                {
                    server = await PrivatePostgres.Start(options, time, progress, stopping.Token);
                    Restarted?.Invoke();
                    break;
                }
                catch (PostgresUnavailable exception)
                {
                    progress.Report(exception.Message);
                    await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.DisposeAsync();
        stopping.Dispose();
    }
}
