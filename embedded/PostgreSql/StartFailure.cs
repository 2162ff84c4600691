namespace ReactorJobs.Embedded.PostgreSql;

/// <summary>Turns what PostgreSQL printed when it failed into one line with the reason and what to do.</summary>
static class StartFailure
{
    public static PostgresUnavailable Explain(string what, string output, ClusterFolder cluster)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        // A wrong setting is named before the fatal line, which only counts it; what comes after a fatal line is its consequence.
        var reason = lines.FirstOrDefault(line => IsAboutSetting(line) && line.Contains("LOG:", StringComparison.Ordinal))
            ?? lines.FirstOrDefault(line => line.Contains("PANIC:", StringComparison.Ordinal) || line.Contains("FATAL:", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.Contains("error:", StringComparison.OrdinalIgnoreCase))
            ?? lines.LastOrDefault()
            ?? "it printed nothing";
        return new($"{what}: {WithoutTime(reason).TrimEnd('.')}. {Advice(output, cluster)} (log: {cluster.LogFile})");
    }

    static bool IsAboutSetting(string text) =>
        text.Contains("unrecognized configuration parameter", StringComparison.Ordinal)
        || text.Contains("invalid value for parameter", StringComparison.Ordinal)
        || text.Contains("outside the valid range", StringComparison.Ordinal)
        || text.Contains("requires a numeric value", StringComparison.Ordinal)
        || text.Contains("requires a Boolean value", StringComparison.Ordinal);

    static string WithoutTime(string line)
    {
        string[] levels = ["PANIC:", "FATAL:", "LOG:"];
        var starts = levels.Select(level => line.IndexOf(level, StringComparison.Ordinal)).Where(start => start >= 0);
        return line[starts.DefaultIfEmpty(0).Min()..];
    }

    static string Advice(string output, ClusterFolder cluster)
    {
        bool Says(params ReadOnlySpan<string> texts)
        {
            foreach (var text in texts)
                if (output.Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
            return false;
        }

        if (Says("No space left on device", "Disk quota exceeded")) return $"The disk is full: free some space for {cluster.DataFolder}.";
        if (Says("Read-only file system")) return $"Make the file system of {cluster.DataFolder} writable.";
        if (Says("database files are incompatible", "not compatible with this version"))
            return $"Install the PostgreSQL version that {cluster.Path}/PG_VERSION names.";
        if (IsAboutSetting(output) || Says("configuration file"))
            return $"Correct {PostgresOptions.SettingsSetting}, or what ALTER SYSTEM wrote into {cluster.Path}/postgresql.auto.conf.";
        if (Says("shared memory block", "lock file", "Address already in use")) return $"Another PostgreSQL runs on {cluster.Path}: stop it.";
        if (Says("could not map anonymous shared memory", "Cannot allocate memory", "could not resize shared memory"))
            return "There is too little memory: free some, or lower Postgres:Settings:shared_buffers.";
        if (Says("Permission denied", "has wrong ownership", "invalid permissions"))
            return $"{cluster.Path} must belong to the user that starts the host, with mode 700.";
        if (Says("error while loading shared libraries"))
            return $"The binaries do not fit this system: set {PostgresOptions.BinFolderSetting} to others.";
        if (Says("PANIC:", "could not locate a valid checkpoint", "invalid data in", "could not open file", "could not read", "incorrect checksum",
            "is not a valid data directory", "could not find the database system"))
            return $"{cluster.Path} seems damaged: restore it from a backup, or move it away to start empty.";
        return "See the log.";
    }
}
