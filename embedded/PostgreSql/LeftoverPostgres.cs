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
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

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

    static async Task<bool> AllGone(ClusterFolder cluster, TimeProvider time, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        while ((await Find(cluster, ct)).Count > 0)
        {
            if (time.GetElapsedTime(since) > Patience) return false;
            // They are nobody's children any more, so nobody tells when they end.
            await Task.Delay(BetweenLooks, time, ct);
        }

        return true;
    }

    public static int? ReadPidFile(ClusterFolder cluster)
    {
        if (!File.Exists(cluster.PidFile)) return null;
        var firstLine = File.ReadLines(cluster.PidFile).FirstOrDefault();
        return int.TryParse(firstLine, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 1 ? pid : null;
    }

    static async Task<IReadOnlyList<int>> Find(ClusterFolder cluster, CancellationToken ct) =>
        OperatingSystem.IsLinux() ? FindInProc(cluster) : await FindWithPs(cluster, ct);

    static List<int> FindInProc(ClusterFolder cluster)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;

            // Not by the "exe" link: in a container root may not read that of another user's process.
            if (ReadOrEmpty($"{folder}/comm").TrimEnd('\n') is not ("postgres" or "initdb")) continue;

            // Servers and backends work in the cluster's folder; initdb, and a server that has just begun, only name it. A process that has ended
            // and waits for its parent to notice has neither.
            if (IsOurs(new FileInfo($"{folder}/cwd").LinkTarget, cluster)
                || ReadOrEmpty($"{folder}/cmdline").Split('\0').Any(argument => IsOurs(argument, cluster)))
                found.Add(pid);
        }

        return found;
    }

    static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // The process ended since it was listed.
            return "";
        }
    }

    static bool IsOurs(string? path, ClusterFolder cluster) => path == cluster.Path || path == cluster.Unfinished;

    // Only servers have the folder on their command line; while backends of a dead one live, PostgreSQL itself refuses to start.
    static async Task<IReadOnlyList<int>> FindWithPs(ClusterFolder cluster, CancellationToken ct)
    {
        var list = await Tool.Run(["ps", "-axo", "pid=,args="], null, ct);
        return [.. list.Output.Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.Contains($"postgres -D {cluster.Path} ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];
    }
}
