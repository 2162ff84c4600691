using ReactorJobs.Cli.Bundles;
using ReactorJobs.Cli.Deploying;

namespace ReactorJobs.Cli.Watching;

/// <summary>By what a changed file is known without reading it.</summary>
/// <param name="Saved">Its last write.</param>
readonly record struct FileStamp(DateTimeOffset Saved, long Bytes);

/// <summary>A project's files as they were at one look.</summary>
/// <param name="Files">By their paths in the project, with <c>/</c> between names.</param>
sealed record ProjectListing(IReadOnlyDictionary<string, FileStamp> Files)
{
    const string Root = $"{Project.FunctionsFolder}/";
    const string Dependencies = "node_modules";

    public static ProjectListing Empty { get; } = new(new Dictionary<string, FileStamp>());

    /// <summary>The function that a file belongs to; none for the manifest.</summary>
    public static string? FunctionOf(string path) => path.StartsWith(Root, StringComparison.Ordinal) ? path.Split('/')[1] : null;

    /// <summary>
    /// Whether a change there can change what is deployed. Dependencies are not looked at one by one: that some were installed shows in the time
    /// of their folder. Below a folder that begins with a dot nothing is code.
    /// </summary>
    public static bool Matters(string path)
    {
        if (path == JobManifest.File) return true;
        var names = path.Split('/');
        return names.Length >= 3 && names[0] == Project.FunctionsFolder
            && names[1..^1].All(folder => folder != Dependencies && !folder.StartsWith('.'))
            && !BundleFolder.IsLeftOut(string.Join('/', names[2..]));
    }

    /// <summary>The folders that are functions.</summary>
    public IReadOnlyList<string> Functions { get; } =
    [
        .. Files.Keys.Select(FunctionOf).OfType<string>().Distinct()
            .Where(name => BundleFolder.IsFunction(path => Files.ContainsKey($"{Root}{name}/{path}"))).Order(StringComparer.Ordinal),
    ];

    public bool HasManifest => Files.ContainsKey(JobManifest.File);

    /// <summary>Whether there is nothing to deploy.</summary>
    public bool IsEmpty => Functions.Count == 0 && !HasManifest;

    public bool IsSameAs(ProjectListing other) =>
        Files.Count == other.Files.Count && Files.All(x => other.Files.TryGetValue(x.Key, out var stamp) && stamp == x.Value);

    /// <summary>The same as if these had not been looked at yet.</summary>
    public ProjectListing Without(IReadOnlyCollection<string> paths) => new(Files.Where(x => !paths.Contains(x.Key)).ToDictionary(StringComparer.Ordinal));

    public static ProjectListing Of(string project)
    {
        var files = new Dictionary<string, FileStamp>(StringComparer.Ordinal);
        Walk(new DirectoryInfo(Path.Combine(project, Project.FunctionsFolder)), Root, files);
        Add(new FileInfo(Path.Combine(project, JobManifest.File)), JobManifest.File, files);
        return new ProjectListing(files);
    }

    static void Walk(DirectoryInfo folder, string path, Dictionary<string, FileStamp> files)
    {
        try
        {
            foreach (var entry in folder.EnumerateFileSystemInfos())
            {
                var at = path + entry.Name;
                if (entry is not DirectoryInfo below) Add(entry, at, files);
                else if (below.Name == Dependencies) Add(below, at, files);
                // A function may be a link to its folder; within it, what a link leads to is listed where it lies.
                else if (!below.Name.StartsWith('.') && (path == Root || below.LinkTarget is null)) Walk(below, at + "/", files);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone or closed meanwhile: what cannot be listed cannot be deployed either, and the next look sees what has become of it.
        }
    }

    static void Add(FileSystemInfo entry, string path, Dictionary<string, FileStamp> files)
    {
        if (!Matters(path)) return;
        try
        {
            var saved = new DateTimeOffset(entry.LastWriteTimeUtc);
            if (entry.Exists) files[path] = new FileStamp(saved, (entry as FileInfo)?.Length ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }
}
