using ReactorJobs.Cli.Bundles;
using ReactorJobs.Cli.Functions;

namespace ReactorJobs.Cli.Deploying;

/// <summary>What a folder has to deploy: its functions, packed, and its jobs.</summary>
sealed record Project(string Folder, IReadOnlyList<FunctionSource> Functions, JobManifest? Manifest)
{
    /// <summary>All that can be wrong without asking the suite is found here, before anything is sent.</summary>
    /// <param name="folder">As it was given.</param>
    public static async Task<Project> Read(string folder, Session session, string here, CancellationToken ct)
    {
        var root = Path.GetFullPath(folder, here);
        if (!Directory.Exists(root)) throw Failure.Usage($"--dir {folder}: there is no such folder");
        var shown = folder is "." or "./" ? "" : $"{folder.TrimEnd('/')}/";
        var functions = new DirectoryInfo(Path.Combine(root, "functions"));
        var sources = !functions.Exists ? [] : functions.EnumerateDirectories()
            .Where(x => BundleFolder.IsFunction(x.FullName))
            .OrderBy(x => x.Name, StringComparer.Ordinal)
            .Select(x => FunctionSource.Read(x.Name, x.FullName, $"{shown}functions/{x.Name}"))
            .ToList();
        var manifest = Path.Combine(root, JobManifest.File);
        var jobs = File.Exists(manifest) ? JobManifest.Read($"{shown}{JobManifest.File}", await session.FileText(manifest, ct)) : null;
        if (sources.Count == 0 && jobs is null)
            throw Failure.Usage($"there is nothing to deploy in {(shown.Length == 0 ? "this folder" : folder)}: no functions/* and no {JobManifest.File}",
                "--dir names the project's folder");
        return new Project(root, sources, jobs);
    }
}
