using ReactorJobs.Cli.Bundles;
using ReactorJobs.Cli.Functions;

namespace ReactorJobs.Cli.Deploying;

/// <summary>What a folder has to deploy: its functions, packed, and its jobs.</summary>
sealed record Project(string Folder, IReadOnlyList<FunctionSource> Functions, JobManifest? Manifest)
{
    public const string FunctionsFolder = "functions";

    /// <summary>All that can be wrong without asking the suite is found here, before anything is sent.</summary>
    /// <param name="folder">As it was given.</param>
    public static async Task<Project> Read(string folder, Session session, string here, CancellationToken ct)
    {
        var root = Path.GetFullPath(folder, here);
        if (!Directory.Exists(root)) throw Failure.Usage($"--dir {folder}: there is no such folder");
        var shown = folder is "." or "./" ? "" : $"{folder.TrimEnd('/')}/";
        var sources = FunctionNames(root).Select(name => ReadFunction(root, name, shown)).ToList();
        var jobs = File.Exists(Path.Combine(root, JobManifest.File)) ? await ReadManifest(root, session, ct, shown) : null;
        if (sources.Count == 0 && jobs is null)
            throw Failure.Usage($"there is nothing to deploy in {(shown.Length == 0 ? "this folder" : folder)}: no functions/* and no {JobManifest.File}",
                "--dir names the project's folder");
        return new Project(root, sources, jobs);
    }

    /// <param name="shown">What messages put before a path in the project.</param>
    public static FunctionSource ReadFunction(string root, string name, string shown = "") =>
        FunctionSource.Read(name, Path.Combine(root, FunctionsFolder, name), $"{shown}{FunctionsFolder}/{name}");

    public static async Task<JobManifest> ReadManifest(string root, Session session, CancellationToken ct, string shown = "") =>
        JobManifest.Read($"{shown}{JobManifest.File}", await session.FileText(Path.Combine(root, JobManifest.File), ct));

    static IReadOnlyList<string> FunctionNames(string root)
    {
        var functions = new DirectoryInfo(Path.Combine(root, FunctionsFolder));
        return !functions.Exists ? [] :
            [.. functions.EnumerateDirectories().Where(x => BundleFolder.IsFunction(x.FullName)).Select(x => x.Name).Order(StringComparer.Ordinal)];
    }
}
