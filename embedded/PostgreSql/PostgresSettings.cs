using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>The server's configuration. It is written anew at each start, so that an update of Reactor Jobs reaches old data folders.</summary>
static partial class PostgresSettings
{
    /// <summary>pg_hba.conf: only the socket, whose folder lets nobody else in. No line admits TCP.</summary>
    public const string Access = "local all all trust\nlocal replication all trust\n";

    static readonly (string Name, string Value)[] Tuned =
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        // The events service reads watched tables by logical decoding.
        ("wal_level", "logical"),
        ("max_prepared_transactions", "0"),
        ("shared_buffers", "128MB"),
        // Few, spread checkpoints: each makes the next change of every page write the whole page.
        ("checkpoint_timeout", "15min"),
        ("max_wal_size", "1GB"),
        ("min_wal_size", "256MB"),
        ("wal_compression", "on"),
        // Queries of the hot path take far less time than their compilation.
        ("jit", "off"),
        // Parallel queries take shared memory, of which a container has 64 MB.
        ("max_parallel_workers_per_gather", "0"),
        ("random_page_cost", "1.1"),
        // Runs, timers and outbox rows change and go all the time: clean up early and often, or indexes swell between two rounds.
        ("autovacuum_naptime", "10s"),
        ("autovacuum_vacuum_scale_factor", "0.05"),
        ("autovacuum_analyze_scale_factor", "0.05"),
        ("autovacuum_vacuum_insert_scale_factor", "0.1"),
        ("autovacuum_vacuum_cost_limit", "2000"),
        ("log_checkpoints", "off"),
        ("log_line_prefix", "%m [%p] %d "),
        ("log_timezone", "UTC"),
        ("timezone", "UTC"),
    ];

    // Settings that would lose data, open the server to others or hide it from us.
    static readonly string[] Fixed =
    [
        "fsync", "full_page_writes", "listen_addresses", "port", "unix_socket_directories", "unix_socket_permissions", "unix_socket_group",
        "data_directory", "hba_file", "ident_file", "config_file", "external_pid_file", "logging_collector", "log_destination", "max_connections",
        "include", "include_dir", "include_if_exists",
    ];

    /// <summary>Where the server listens, on its command line: there, ALTER SYSTEM cannot change it.</summary>
    public static IReadOnlyList<string> Arguments(ClusterFolder cluster) =>
    [
        "-c", "listen_addresses=", "-c", "port=5432", "-c", $"unix_socket_directories={cluster.SocketFolder}", "-c", "unix_socket_permissions=0700",
    ];

    public static string Configuration(PostgresOptions options)
    {
        var lines = new StringBuilder($"# Written by Reactor Jobs at each start. Change {PostgresOptions.SettingsSetting} instead.\n");
        lines.Append(CultureInfo.InvariantCulture, $"max_connections = {options.MaxConnections}\n");
        foreach (var (name, value) in Tuned) lines.Append(CultureInfo.InvariantCulture, $"{name} = '{value}'\n");

        // Of two lines for one setting PostgreSQL takes the later.
        foreach (var (name, value) in options.Settings ?? new Dictionary<string, string>())
        {
            var quoted = value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
            lines.Append(CultureInfo.InvariantCulture, $"{name} = '{quoted}'\n");
        }

        return lines.ToString();
    }

    /// <summary>Refuses nonsense before anything is started or fetched.</summary>
    public static void Check(PostgresOptions options)
    {
        if (options.MaxConnections is < 10 or > 10_000)
            throw new PostgresUnavailable($"{PostgresOptions.MaxConnectionsSetting} is {options.MaxConnections}: give a number from 10 to 10000.");
        foreach (var (name, value) in options.Settings ?? new Dictionary<string, string>())
        {
            if (!NamePattern().IsMatch(name) || value.AsSpan().ContainsAny('\n', '\r', '\0'))
                throw new PostgresUnavailable(
                    $"{PostgresOptions.SettingsSetting}:{name} is no PostgreSQL setting: give a name and a value of one line.");
            if (Fixed.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new PostgresUnavailable($"{PostgresOptions.SettingsSetting}:{name} cannot be changed, the host relies on it: remove it.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.]*\z")]
    private static partial Regex NamePattern();
}
