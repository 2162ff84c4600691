namespace ReactorJobs.Executor.Runtime;

/// <summary>Without a sandbox: what would be mounted is linked to below the process's own folder, and the paths are those there.</summary>
static class UncontainedArguments
{
    public static List<string> Build(SandboxCommand command, string folder)
    {
        foreach (var mount in command.Mounts)
        {
            var link = folder + mount.Target;
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, mount.Source);
        }

        return [.. BubblewrapArguments.Limited(command.Limits, alone: false), .. command.Arguments.Select(x => Inside(x, command, folder))];
    }

    /// <summary>Where a path of the sandbox is.</summary>
    public static string Inside(string path, SandboxCommand command, string folder) =>
        command.Mounts.Any(x => path == x.Target || path.StartsWith(x.Target + "/", StringComparison.Ordinal)) ? folder + path : path;
}
