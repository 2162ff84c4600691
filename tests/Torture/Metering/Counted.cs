using System.Globalization;

namespace ReactorJobs.Tests.Torture.Metering;

/// <summary>What the services have counted, over all their starts.</summary>
static class Counted
{
    public const string HookVariable = "DOTNET_STARTUP_HOOKS";
    public const string FolderVariable = "TORTURE_METERS";
    public const string Extension = ".meters";
    public const string FencedWrites = "reactor_jobs_fenced_writes_total";

    public static readonly IReadOnlyList<string> Names = [FencedWrites];

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
