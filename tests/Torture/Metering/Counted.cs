using System.Globalization;

namespace ReactorJobs.Tests.Torture.Metering;

/// <summary>What the services have counted, over all their starts.</summary>
static class Counted
{
    public const string HookVariable = "DOTNET_STARTUP_HOOKS";
    public const string FolderVariable = "TORTURE_METERS";
    public const string Extension = ".meters";
    const string Fenced = "reactor_jobs_fenced_writes_total";

    /// <summary>Of an attempt that a newer one has replaced.</summary>
    public const string FencedWrites = Fenced + "/newer_attempt";

    /// <summary>Of an attempt that had come to its end, by a cancel or its time.</summary>
    public const string LateWrites = Fenced + "/over";

    /// <summary>The counters that are kept, each by its reason.</summary>
    public static readonly IReadOnlyList<string> Names = [Fenced];

    public static long Read(string folder, string name)
    {
        var sum = 0L;
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension))
            foreach (var line in File.ReadLines(file))
                if (line.Split(' ') is [var counted, var value] && counted == name && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                    sum += count;
        return sum;
    }
}
