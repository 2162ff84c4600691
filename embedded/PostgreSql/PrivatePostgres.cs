using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using Npgsql;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>
/// A PostgreSQL of the host's own on a data folder, reached over a socket that nobody else can open. It runs as long as the host: it is shut down
/// with it, and soon after it when the host is killed. What a kill left is ended by the next start.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    static readonly TimeSpan SilenceBeforeGivingUp = TimeSpan.FromSeconds(60);
    static readonly TimeSpan WorthMentioning = TimeSpan.FromSeconds(1);
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(10);

    readonly ClusterFolder cluster;
    readonly DataFolderLock ownership;
    readonly TimeProvider time;
    readonly Process server;
    readonly long logStart;
    HostWatch? watch;
    int disposed;

    PrivatePostgres(ClusterFolder cluster, DataFolderLock ownership, TimeProvider time, Process server, long logStart)
    {
        (this.cluster, this.ownership, this.time, this.server, this.logStart) = (cluster, ownership, time, server, logStart);
        ProcessId = server.Id;
        ConnectionString = new NpgsqlConnectionStringBuilder
        {
            Host = cluster.SocketFolder,
            Port = 5432,
            Username = "postgres",
            Database = "postgres",
        }.ConnectionString;
        Exited = WaitForExit(server);
    }

    /// <summary>The superuser's, over the socket, to the database <c>postgres</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>The postmaster's.</summary>
    public int ProcessId { get; }

    /// <summary>Completes with the exit code when the postmaster ends, for whatever reason. Dispose this one then, and start another.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts PostgreSQL on the data folder, which is made when it is missing, and returns when it answers.</summary>
    /// <param name="progress">Gets a line for what takes time or is out of the ordinary.</param>
    /// <exception cref="PostgresUnavailable">It cannot run; the message says why and what to do.</exception>
    public static async Task<PrivatePostgres> Start(PostgresOptions options, TimeProvider time, IProgress<string> progress, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
            throw new PostgresUnavailable("The private PostgreSQL runs on Linux and macOS only: give the connection string of a server instead.");
        PostgresSettings.Check(options);
        var cluster = ClusterFolder.Open(options.DataFolder);
        try
        {
            return await Start(options, cluster, time, progress, ct);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new PostgresUnavailable($"PostgreSQL cannot be started on {cluster.DataFolder}: {cause.Message}", cause);
        }
    }

    [UnsupportedOSPlatform("windows")]
    static async Task<PrivatePostgres> Start(
        PostgresOptions options, ClusterFolder cluster, TimeProvider time, IProgress<string> progress, CancellationToken ct)
    {
        var ownership = DataFolderLock.Take(cluster.DataFolder, "host", (message, cause) => new PostgresUnavailable(message, cause));
        PrivatePostgres? started = null;
        try
        {
            await LeftoverPostgres.End(cluster, time, progress, ct);
            var binaries = await PostgresBinaries.Find(options.BinFolder, cluster.Version(), progress, ct);
            var unprivileged = await UnprivilegedStart.Choose(cluster, binaries, ct);
            if (!cluster.IsInitialized)
            {
                progress.Report($"creating a PostgreSQL {binaries.Version} database in {cluster.Path}");
                await cluster.Initialize(binaries, unprivileged, ct);
            }

            await cluster.Prepare(options, unprivileged, ct);
            started = Launch(cluster, ownership, binaries, unprivileged, time);
            await started.AnswersQueries(progress, ct);
            return started;
        }
        catch
        {
            if (started is not null) await started.DisposeAsync();
            else ownership.Dispose();
            throw;
        }
    }

    static PrivatePostgres Launch(
        ClusterFolder cluster, DataFolderLock ownership, PostgresBinaries binaries, UnprivilegedStart unprivileged, TimeProvider time)
    {
        var logStart = ServerLog.Length(cluster.LogFile);

        // Each program here replaces itself by the next, so the process that is started is the postmaster. It writes its log itself, because it
        // may outlive the host and then must not lose what it says.
        var server = new Process
        {
            StartInfo = Tool.StartInfo(
                [
                    .. HostWatch.OwnSession, "sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", cluster.LogFile,
                    .. unprivileged.Prefix, binaries.Postgres, "-D", cluster.Path, .. PostgresSettings.Arguments(cluster),
                ],
                binaries.Environment),
        };
        server.Start();
        var postgres = new PrivatePostgres(cluster, ownership, time, server, logStart);
        postgres.watch = HostWatch.Start(server.Id, "INT");
        return postgres;
    }

    async Task AnswersQueries(IProgress<string> progress, CancellationToken ct)
    {
        var probe = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Timeout = 5 }.ConnectionString;
        var begun = time.GetTimestamp();
        var lastSign = begun;
        var recovering = false;
        while (true)
        {
            if (Exited.IsCompleted) throw Failure($"PostgreSQL ended with exit code {await Exited} while starting");
            try
            {
                // Before its socket is there, an attempt to connect would only cost an exception.
                if (File.Exists(cluster.Socket))
                {
                    await using var connection = new NpgsqlConnection(probe);
                    await connection.OpenAsync(ct);
                    return;
                }
            }
            catch (PostgresException answer) when (answer.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                // It replays its log after a crash, which may take minutes and is no reason to give up.
                lastSign = time.GetTimestamp();
                if (!recovering && time.GetElapsedTime(begun) > WorthMentioning)
                {
                    progress.Report("PostgreSQL is recovering from a crash");
                    recovering = true;
                }
            }
            catch (PostgresException refused)
            {
                throw new PostgresUnavailable(
                    $"PostgreSQL runs on {cluster.Path} and refuses us ({refused.MessageText}): see {cluster.LogFile}.", refused);
            }
            catch (NpgsqlException)
            {
                // Bound and not yet listening, or ending again: the next look tells.
            }

            if (time.GetElapsedTime(lastSign) >= SilenceBeforeGivingUp)
                throw Failure($"PostgreSQL did not answer within {SilenceBeforeGivingUp.TotalSeconds} s");
            await Task.WhenAny(Exited, Task.Delay(BetweenTries, time, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    PostgresUnavailable Failure(string what) => StartFailure.Explain(what, ServerLog.Since(cluster.LogFile, logStart), cluster);

    static async Task<int> WaitForExit(Process server)
    {
        await server.WaitForExitAsync();
        return server.ExitCode;
    }

    /// <summary>
    /// Shuts down fast (connections are cut, a checkpoint is written, the next start needs no recovery), after 5 s at once (the next start recovers).
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        try
        {
            foreach (var signal in (int[])[Posix.Interrupt, Posix.Quit, Posix.Kill])
            {
                // The handle knows whether its process was waited for; until then its number cannot be another's.
                if (Exited.IsCompleted) break;
                Posix.Signal(ProcessId, signal);
                await Task.WhenAny(Exited, Task.Delay(Patience, time));
            }

            // Idle connections to this server are dead, and the next one on the folder has the same connection string.
            await using (var connection = new NpgsqlConnection(ConnectionString)) NpgsqlConnection.ClearPool(connection);
            if (Directory.Exists(cluster.SocketFolder)) Directory.Delete(cluster.SocketFolder, recursive: true);
        }
        finally
        {
            watch?.Dispose();
            server.Dispose();
            ownership.Dispose();
        }
    }
}
