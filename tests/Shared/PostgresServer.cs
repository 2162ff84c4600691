using System.Diagnostics;
using System.Globalization;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests;

/// <summary>A throw-away PostgreSQL on a socket of its own, one per test run; each test class gets a database in it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    static readonly string Binaries = Directory.GetDirectories("/usr/lib/postgresql").Select(x => Path.Combine(x, "bin")).Order().First();
    string folder = "";
    int databases;

    public async Task InitializeAsync()
    {
        folder = (await Run("mktemp", "-d", "/tmp/reactor-test-XXXXXX")).Trim();
        await Run($"{Binaries}/initdb", "-D", $"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8");
        await Run($"{Binaries}/pg_ctl", "start", "-w", "-D", $"{folder}/data", "-l", $"{folder}/log",
            "-o", $"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200 -c wal_level=logical -c max_replication_slots=40 -c max_wal_senders=40");
    }

    public async Task DisposeAsync()
    {
        // By the pid of the server that was started here: pg_ctl reads it from the data folder.
        await Run($"{Binaries}/pg_ctl", "stop", "-w", "-m", "immediate", "-D", $"{folder}/data");
        await Run("rm", "-rf", folder);
    }

    public DatabaseOptions NewDatabase() => new(
        $"Host={folder};Username=postgres;Database=postgres", "test_" + Interlocked.Increment(ref databases).ToString(CultureInfo.InvariantCulture));

    public Task<string> DumpSchema(DatabaseOptions options, string schema) => Run(
        $"{Binaries}/pg_dump", "-h", folder, "-U", "postgres", "-d", options.Database, "--schema-only", "--no-comments", "-n", schema);

    /// <summary>PostgreSQL does not run as root.</summary>
    static async Task<string> Run(string program, params string[] arguments)
    {
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = "/tmp";
        // The server would inherit a pipe and keep it open: only what ends by itself is read.
        var server = arguments.Contains("start");
        start.RedirectStandardOutput = !server;
        using var process = Process.Start(start)!;
        var output = server ? "" : await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}
