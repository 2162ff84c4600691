using System.Diagnostics;
using Npgsql;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>A PostgreSQL of the system's own kind, on a port of loopback: a primary, or a standby made of one. It never runs as root.</summary>
sealed class Cluster : IAsyncDisposable
{
    static readonly string Binaries = Path.Combine(Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last(), "bin");

    /// <summary>Comes before each program, and is replaced by it.</summary>
    static readonly string[] Unprivileged = ["env", "-C", "/tmp", .. Environment.IsPrivilegedProcess ? (string[])["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []];

    readonly string logs;
    Child? server;

    Cluster(string folder, string logs) => (Folder, this.logs) = (folder, logs);

    public string Folder { get; }

    public int Port { get; private init; } = SuiteProcess.FreePort();

    public string Address => $"127.0.0.1:{Port}";

    public int Postmaster => server!.Id;

    /// <param name="port">Where it will be started; null is any.</param>
    public static async Task<Cluster> NewPrimary(string logs, int? port = null)
    {
        var cluster = new Cluster(await NewFolder(), logs) { Port = port ?? SuiteProcess.FreePort() };
        await Run($"{Binaries}/initdb", "-D", cluster.Data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8");
        await cluster.Start();
        return cluster;
    }

    /// <summary>Made of the primary, whose commits wait for it from now on.</summary>
    public async Task<Cluster> NewSynchronousStandby(int port)
    {
        var standby = new Cluster(await NewFolder(), logs) { Port = port };
        await Run($"{Binaries}/pg_basebackup", "-D", standby.Data, "-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", "-R", "-X", "stream", "-c", "fast", "--no-sync");
        await standby.Start();
        await Execute("alter system set synchronous_standby_names = '*'");
        await Execute("select pg_reload_conf()");
        await Until.True("the standby is synchronous", async () => await Execute("select count(*) from pg_stat_replication where sync_state = 'sync'") is 1L);
        return standby;
    }

    /// <summary>As when its machine loses power.</summary>
    public void Kill() => Signals.Kill(Postmaster);

    /// <summary>Makes a primary of a standby.</summary>
    public Task Promote() => Execute("select pg_promote()");

    public async Task<object?> Execute(string sql)
    {
        await using var connection = await Open("postgres");
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async Task<NpgsqlConnection> Open(string database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={Port};Username=postgres;Database={database};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            if (!server.HasExited)
                Kill();
            await server.DisposeAsync();
        }

        await Run("rm", "-rf", Folder);
    }

    string Data => Path.Combine(Folder, "data");

    Task Start()
    {
        server = Child.Start(logs, $"postgres-{Port}",
        [
            .. Unprivileged, $"{Binaries}/postgres", "-D", Data, "-c", "listen_addresses=127.0.0.1", "-c", $"port={Port}", "-c", "unix_socket_directories=", "-c", "fsync=off",
            "-c", "max_connections=300", "-c", "shared_buffers=64MB",
        ]);
        return Until.True($"PostgreSQL answers at {Address}", async () =>
        {
            if (server.HasExited)
                throw new InvalidOperationException($"PostgreSQL ended with {server.ExitCode}.\n{server.LastWords}");
            try
            {
                return await Execute("select 1") is 1;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
    }

    /// <summary>Of whoever the server runs as.</summary>
    static async Task<string> NewFolder() => (await Run("mktemp", "-d", "/tmp/reactor-cluster-XXXXXX")).Trim();

    static async Task<string> Run(params string[] command)
    {
        var start = new ProcessStartInfo(Unprivileged[0], [.. Unprivileged[1..], .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}: {await errors}");
    }
}
