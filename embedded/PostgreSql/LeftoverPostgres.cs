using System.Globalization;

namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>
/// The processes of a PostgreSQL on one cluster: a postmaster that outlived its host, or backends that outlived their postmaster and keep its
/// shared memory. They are known by their program and by the cluster in which they work; postmaster.pid alone is only a number, which may
/// belong to anybody since.
/// </summary>
static class LeftoverPostgres
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Ends whatever runs on the cluster, politely first. Only the owner of the data folder's lock may call it.</summary>
    public static async Task End(ClusterFolder cluster, TimeProvider time, IProgress<string> progress, CancellationToken ct)
    {
        var found = await Find(cluster, ct);
        if (found.Count == 0) return;

        var postmaster = ReadPidFile(cluster) is { } pid && found.Contains(pid) ? pid : (int?)null;
        progress.Report(postmaster is null
            ? $"ending {found.Count} orphaned PostgreSQL processes on {cluster.Path}"
            : $"ending PostgreSQL {postmaster}, which an earlier host left on {cluster.Path}");

        // The postmaster passes it on: a shutdown with a checkpoint, then one at once. Without a postmaster there is nothing left to save.
        foreach (var signal in postmaster is null ? [] : (int[])[Posix.Interrupt, Posix.Quit])
        {
            Posix.Signal(postmaster!.Value, signal);
            if (await AllGone(cluster, time, ct)) return;
        }

        foreach (var process in await Find(cluster, ct)) Posix.Signal(process, Posix.Kill);
        if (await AllGone(cluster, time, ct)) return;

        throw new PostgresUnavailable(
            $"PostgreSQL processes {string.Join(", ", await Find(cluster, ct))} still run on {cluster.Path} and cannot be ended: " +
            "end them, or restart the machine.");
    }

    static Task<bool> AllGone(ClusterFolder cluster, TimeProvider time, CancellationToken ct) =>
        RunningProgram.Gone(() => Find(cluster, ct), Patience, time, ct);

    public static int? ReadPidFile(ClusterFolder cluster)
    {
        if (!File.Exists(cluster.PidFile)) return null;
        var firstLine = File.ReadLines(cluster.PidFile).FirstOrDefault();
        return int.TryParse(firstLine, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 1 ? pid : null;
    }

    // Servers and backends work in the cluster's folder; initdb, and a server that has just begun, only name it. Elsewhere than on Linux only servers
    // are found, which have the folder on their command line; while backends of a dead one live, PostgreSQL itself refuses to start.
    static async Task<IReadOnlyList<int>> Find(ClusterFolder cluster, CancellationToken ct) =>
        OperatingSystem.IsLinux()
            ? [.. RunningProgram.FindInProc("postgres", "initdb")
                .Where(process => IsOurs(process.WorkingFolder, cluster) || process.Arguments.Any(argument => IsOurs(argument, cluster)))
                .Select(process => process.Id)]
            : await RunningProgram.FindWithPs($"postgres -D {cluster.Path} ", ct);

    static bool IsOurs(string? path, ClusterFolder cluster) => path == cluster.Path || path == cluster.Unfinished;
}
