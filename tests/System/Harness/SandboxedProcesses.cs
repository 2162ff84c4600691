using System.Globalization;

namespace ReactorJobs.Tests.System.Harness;

/// <param name="Program">As the kernel names it.</param>
readonly record struct SandboxedProcess(int Id, string Program)
{
    /// <summary>The function's own process, rather than one that only holds its sandbox.</summary>
    public bool RunsFunction => Program is "bun" or "node";
}

/// <summary>
/// Processes of functions' sandboxes, told from others by what the kernel shows of them: a sandbox mounts its host's own folder, or is about
/// to. So they are found also when their host is gone and they are nobody's children.
/// </summary>
static class SandboxedProcesses
{
    public static IReadOnlyList<SandboxedProcess> Of(int host)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/rjf-{host}-");
        var found = new List<SandboxedProcess>();
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != host
                && (Read(process, "mountinfo") + Read(process, "cmdline")).Contains(folder, StringComparison.Ordinal))
                found.Add(new(id, Read(process, "comm").Trim()));
        return found;
    }

    static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it has just ended, or is another user's
        }
    }
}
