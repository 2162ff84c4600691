namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>Turns what RabbitMQ printed when it failed into one line with the reason and what to do.</summary>
static class BrokerFailure
{
    public static BrokerUnavailable Explain(string what, string output, BrokerFolder folder) =>
        new($"{what}: {Reason(output).TrimEnd('.')}. {Advice(output, folder)} (log: {folder.LogFile})");

    /// <summary>The line that says why, which comes after a heading in a frame; the same is logged with a time and a level before it.</summary>
    public static string Reason(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(WithoutTime).ToList();
        return lines.FirstOrDefault(line => line.StartsWith("ERROR:", StringComparison.Ordinal))
            ?? lines.FirstOrDefault(line => line.StartsWith("Error during startup:", StringComparison.Ordinal))
            ?? lines.SkipWhile(line => line != "BOOT FAILED").Skip(1).FirstOrDefault(line => line.Any(char.IsLetter))
            ?? lines.FirstOrDefault(line => line.Contains("Failed to create cookie", StringComparison.OrdinalIgnoreCase)
                || line.Contains("permission denied", StringComparison.OrdinalIgnoreCase))
            ?? lines.LastOrDefault(line => line.Any(char.IsLetter))
            ?? "it printed nothing";
    }

    // "2026-01-02 03:04:05.678901+00:00 [error] <0.230.0> BOOT FAILED"
    static string WithoutTime(string line)
    {
        var level = line.IndexOf("] <", StringComparison.Ordinal);
        var end = level < 0 ? -1 : line.IndexOf('>', level);
        return end < 0 ? line : line[(end + 1)..].TrimStart();
    }

    static string Advice(string output, BrokerFolder folder)
    {
        bool Says(params ReadOnlySpan<string> texts)
        {
            foreach (var text in texts)
                if (output.Contains(text, StringComparison.OrdinalIgnoreCase)) return true;
            return false;
        }

        if (Says("No space left on device", "enospc", "Disk quota exceeded")) return $"The disk is full: free some space for {folder.DataFolder}.";
        if (Says("Read-only file system", "erofs")) return $"Make the file system of {folder.DataFolder} writable.";
        if (Says("eaddrinuse", "already in use")) return $"End what listens there, or remove {folder.DataFolder}/{BrokerAddress.FileName} to have other ports chosen.";
        if (Says("eacces", "Permission denied")) return $"{folder.Path} must belong to the user that starts the host.";
        if (Says("Cannot allocate")) return "There is too little memory: free some.";
        if (Says("feature_flags_file", "incompatible_feature_flags", "schema_integrity_check_failed", "version_mismatch", "inconsistent_database"))
            return $"{folder.Path} seems damaged, or written by another version: move it away to start empty.";
        return "See the log.";
    }
}
