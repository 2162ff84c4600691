namespace ReactorJobs.Cli.Bundles;

/// <summary>Where a path leads when every link on the way is followed; the framework resolves its last name only.</summary>
static class RealPath
{
    // What Linux follows, too.
    const int MostLinks = 40;

    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var at = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Names(full).Reverse());
        for (var links = 0; rest.TryPop(out var name);)
        {
            if (name == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }
            var next = Path.Combine(at, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks) throw new IOException($"the links of {path} go around in a circle");
            if (Path.IsPathRooted(target)) at = Path.GetPathRoot(Path.GetFullPath(target))!;
            foreach (var part in Names(target).Reverse()) rest.Push(part);
        }
        return at;
    }

    public static bool IsBelow(string path, string folder) =>
        path.StartsWith(folder.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    static IEnumerable<string> Names(string path) => path[(Path.GetPathRoot(path)?.Length ?? 0)..]
        .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
        .Where(name => name != ".");
}
