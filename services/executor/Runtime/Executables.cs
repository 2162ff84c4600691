namespace ReactorJobs.Executor.Runtime;

/// <summary>Programs of this machine.</summary>
static class Executables
{
    /// <summary>The program that the PATH finds, without the links on the way to it.</summary>
    public static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Real(Path.Combine(folder, name))).FirstOrDefault(x => x is not null);

    /// <summary>Null where there is no such program.</summary>
    public static string? Real(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            return null;
        var real = (FileInfo)(file.ResolveLinkTarget(returnFinalTarget: true) ?? file);
        return real.Exists && real.UnixFileMode.HasFlag(UnixFileMode.UserExecute) ? real.FullName : null;
    }
}
