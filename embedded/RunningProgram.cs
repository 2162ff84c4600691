using System.Globalization;

namespace ReactorJobs.Embedded;

/// <summary>A running process, as found by its program's name: what an earlier host left is nobody's child any more.</summary>
/// <param name="Arguments">Its command line; empty for a process that has ended and waits for its parent to notice.</param>
/// <param name="WorkingFolder">Null when it cannot be seen.</param>
sealed record RunningProgram(int Id, IReadOnlyList<string> Arguments, string? WorkingFolder)
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Only on Linux.</summary>
    /// <param name="names">Of the programs, as the kernel has them: at most 15 characters.</param>
    public static List<RunningProgram> FindInProc(params ReadOnlySpan<string> names)
    {
        var found = new List<RunningProgram>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;

            // Not by the "exe" link: in a container root may not read that of another user's process.
            if (!names.Contains(ReadOrEmpty($"{folder}/comm").TrimEnd('\n'))) continue;
            found.Add(new(id, ReadOrEmpty($"{folder}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries), new FileInfo($"{folder}/cwd").LinkTarget));
        }

        return found;
    }

    /// <summary>The processes whose command line has this text in it.</summary>
    public static async Task<IReadOnlyList<int>> FindWithPs(string text, CancellationToken ct)
    {
        var list = await Tool.Run(["ps", "-axo", "pid=,args="], null, ct);
        return [.. list.Output.Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.Contains(text, StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];
    }

    /// <summary>Whether nothing is found any more before the patience ends.</summary>
    public static async Task<bool> Gone(Func<Task<IReadOnlyList<int>>> find, TimeSpan patience, TimeProvider time, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        while ((await find()).Count > 0)
        {
            if (time.GetElapsedTime(since) > patience) return false;
            // They are nobody's children any more, so nobody tells when they end.
            await Task.Delay(BetweenLooks, time, ct);
        }

        return true;
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
}
