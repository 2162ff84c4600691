using System.Diagnostics;
using System.Globalization;
using ReactorJobs.Executor;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests.Executor;

/// <summary>A throw-away PostgreSQL for the test run: a folder of its own, a socket, no TCP port.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    const string Bin = "/usr/lib/postgresql/15/bin";
    readonly string folder = Path.Combine("/tmp", "rx-exec-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    public DatabaseOptions Options => new($"Host={folder};Username=postgres;Database=postgres");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(folder);
        await Run("chown", "postgres", folder);
        await AsPostgres($"{Bin}/initdb -D {folder}/data -A trust -U postgres --no-sync -E UTF8 --locale=C.UTF-8");
        await AsPostgres($"{Bin}/pg_ctl -D {folder}/data -w -l {folder}/log -o \"-k {folder} -c listen_addresses='' -c fsync=off\" start");
        await DatabaseSetup.CreateDatabase(Options, default);
        await new ExecutorModule().Migrate(Options, default);
    }

    public async Task DisposeAsync()
    {
        var pid = int.Parse(File.ReadLines($"{folder}/data/postmaster.pid").First(), CultureInfo.InvariantCulture);
        Npgsql.NpgsqlConnection.ClearAllPools();
        await Run("kill", "-INT", pid.ToString(CultureInfo.InvariantCulture));
        using (var server = Process.GetProcesses().FirstOrDefault(x => x.Id == pid))
            if (server is not null)
                await server.WaitForExitAsync();
        Directory.Delete(folder, recursive: true);
    }

    static Task AsPostgres(string command) => Run("runuser", "-u", "postgres", "--", "sh", "-c", command + " >/dev/null 2>&1 </dev/null");

    static async Task Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = "/tmp" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}

[CollectionDefinition(Name)]
public sealed class WithPostgres : ICollectionFixture<PostgresServer>
{
    public const string Name = "postgres";
}
