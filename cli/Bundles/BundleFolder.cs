namespace ReactorJobs.Cli.Bundles;

/// <param name="Path">Relative to the bundle, with <c>/</c> between its names.</param>
/// <param name="Source">The file that has the content.</param>
readonly record struct BundleFile(string Path, string Source, long Bytes);

/// <summary>
/// The files of a function's folder that go into its bundle: all but what is nobody else's business (<c>.env</c> files, <c>.git</c>,
/// <c>.reactor</c>) or of no use there, such as editors' own files. A link counts as what it leads to, and may not lead out of the folder.
/// </summary>
sealed class BundleFolder
{
    // Above the most that a suite can be set to: folders of links may unfold without an end.
    const int MostFiles = 100_000;
    const long MostBytes = 1L << 30;

    static readonly string[] Signs =
        ["function.json", .. from folder in new[] { "", "code/" } from extension in new[] { "ts", "tsx", "mts", "js", "mjs" } select $"{folder}index.{extension}"];

    readonly string root;
    readonly string shown;
    readonly List<BundleFile> files = [];
    long bytes;

    BundleFolder(string folder, string shown) => (root, this.shown) = (RealPath.Of(folder), shown);

    /// <summary>Whether a folder looks like a function: others beside it may hold what functions share.</summary>
    public static bool IsFunction(string folder) => IsFunction(path => File.Exists(Path.Combine(folder, path)));

    /// <param name="has">Whether there is a file at a path in it.</param>
    public static bool IsFunction(Func<string, bool> has) => Signs.Any(has);

    /// <param name="shown">What messages call the folder.</param>
    /// <returns>In the order of their paths.</returns>
    public static IReadOnlyList<BundleFile> Files(string folder, string shown)
    {
        try
        {
            var found = new BundleFolder(folder, shown);
            found.Walk(found.root, "", [found.root]);
            return [.. found.files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure.Usage($"cannot read {shown}: {e.Message}");
        }
    }

    void Walk(string folder, string path, IReadOnlyCollection<string> above)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            var at = path + entry.Name;
            if (IsLeftOut(at)) continue;
            if ((entry.LinkTarget is null ? entry.FullName : Target(entry, at)) is not { } target) continue;
            if (!Directory.Exists(target)) Add(at, target);
            // A link to a folder around it would never end.
            else if (!above.Contains(target)) Walk(target, at + "/", [.. above, target]);
        }
    }

    /// <summary>Where a link leads to; nothing where that is left out.</summary>
    string? Target(FileSystemInfo link, string at)
    {
        var target = RealPath.Of(link.FullName);
        if (!Path.Exists(target)) throw new Failure(ExitCode.Failed, $"{shown}/{at} is a link that leads nowhere: {link.LinkTarget}");
        if (target != root && !RealPath.IsBelow(target, root))
        {
            throw new Failure(ExitCode.Failed, $"{shown}/{at} is a link out of the folder, to {link.LinkTarget}",
                "a bundle has what lies in its folder: copy it there, or install it without links");
        }
        var names = Path.GetRelativePath(root, target).Split(Path.DirectorySeparatorChar);
        return Enumerable.Range(1, names.Length).Any(count => IsLeftOut(string.Join('/', names[..count]))) ? null : target;
    }

    void Add(string at, string source)
    {
        var length = new FileInfo(source).Length;
        files.Add(new BundleFile(at, source, length));
        bytes += length;
        if (files.Count <= MostFiles && bytes <= MostBytes) return;
        var most = files.Count > MostFiles ? $"{MostFiles} files" : "1 GiB";
        throw new Failure(ExitCode.Failed, $"{shown} has more than {most} when its links are followed", "is it the folder of one function?");
    }

    /// <param name="path">Relative to the bundle; of what lies below a folder that is left out, only the folder is asked about.</param>
    public static bool IsLeftOut(string path)
    {
        var (folder, name) = path.LastIndexOf('/') is >= 0 and var end ? (path[..end], path[(end + 1)..]) : ("", path);
        return name is ".git" or ".reactor" or ".DS_Store"
            || name.StartsWith(".env", StringComparison.Ordinal)
            || (name is ".cache" or ".bin" && (folder == "node_modules" || folder.EndsWith("/node_modules", StringComparison.Ordinal)))
            || IsEditors(name);
    }

    /// <summary>What vim, emacs and the editors of JetBrains, KDE and GNOME keep beside a file while it is open or being saved.</summary>
    static bool IsEditors(string name) =>
        name.EndsWith('~') || name.StartsWith(".#", StringComparison.Ordinal) || (name.StartsWith('#') && name.EndsWith('#'))
        || name.EndsWith("___jb_tmp___", StringComparison.Ordinal) || name.EndsWith("___jb_old___", StringComparison.Ordinal)
        || name.StartsWith(".goutputstream-", StringComparison.Ordinal)
        || (name.StartsWith('.') && Path.GetExtension(name) is ".swp" or ".swo" or ".swx" or ".kate-swp");
}
