using System.Diagnostics;
using ReactorJobs.Tests.Simulation.Defects;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.Torture.Defects;

/// <summary>
/// The services' programs with one mistake in them: the sources are copied, the one project is built from the copy, and its assembly takes the
/// place of the sound one in a copy of the programs.
/// </summary>
sealed class MutantPrograms(string folder)
{
    static readonly string[] Sources = ["shared", "services", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", "global.json"];

    static readonly (string Folder, string Project)[] Projects =
    [
        ("shared/Hosting/", "ReactorJobs.Hosting"), ("services/scheduler/", "ReactorJobs.Scheduler"), ("services/executor/", "ReactorJobs.Executor"),
        ("services/events/", "ReactorJobs.Events"),
    ];

    string Copy => Path.Combine(folder, "sources");

    /// <summary>Builds everything once, so that each mutant is one compilation.</summary>
    public async Task Prepare(CancellationToken stop)
    {
        foreach (var source in Sources)
            CopyAll(Path.Combine(Checkout.Folder, source), Path.Combine(Copy, source), IsBuilt);
        foreach (var (path, project) in Projects)
            await Build(path, project, [], stop);
    }

    /// <summary>The folder of the programs with the defect planted.</summary>
    public async Task<string> Plant(Defect defect, CancellationToken stop)
    {
        var (path, project) = Projects.Single(x => defect.File.StartsWith(x.Folder, StringComparison.Ordinal));
        var file = Path.Combine(Copy, defect.File);
        var sound = await File.ReadAllTextAsync(file, stop);
        var at = sound.IndexOf(defect.Snippet, StringComparison.Ordinal);
        if (at < 0 || sound.IndexOf(defect.Snippet, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"\"{defect.Name}\": the snippet is not in {defect.File} exactly once.");
        try
        {
            await File.WriteAllTextAsync(file, sound.Remove(at, defect.Snippet.Length).Insert(at, defect.Replacement), stop);
            await Build(path, project, ["--no-restore", "-p:BuildProjectReferences=false"], stop);
        }
        finally
        {
            await File.WriteAllTextAsync(file, sound, CancellationToken.None);
        }

        var programs = Path.Combine(folder, "programs");
        if (Directory.Exists(programs))
            Directory.Delete(programs, recursive: true);
        CopyAll(AppContext.BaseDirectory, programs, _ => false);
        File.Copy(Path.Combine(Copy, path, "bin/Release/net10.0", project + ".dll"), Path.Combine(programs, project + ".dll"), overwrite: true);
        return programs;
    }

    // A mistake may leave something unused: that is for the analyzers of the sound sources.
    async Task Build(string path, string project, string[] options, CancellationToken stop)
    {
        var start = new ProcessStartInfo("dotnet",
            ["build", Path.Combine(Copy, path, project + ".csproj"), "-c", "Release", "-nodeReuse:false", "-tl:off", "-v:quiet", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", .. options])
        {
            RedirectStandardOutput = true,
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync(stop);
        await build.WaitForExitAsync(stop);
        if (build.ExitCode != 0)
            throw new InvalidOperationException(output);
    }

    static void CopyAll(string from, string to, Func<string, bool> leaveOut)
    {
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(from, to, overwrite: true);
            return;
        }

        Directory.CreateDirectory(to);
        foreach (var entry in Directory.EnumerateFileSystemEntries(from).Where(x => !leaveOut(x)))
            CopyAll(entry, Path.Combine(to, Path.GetFileName(entry)), leaveOut);
    }

    static bool IsBuilt(string path) => Path.GetFileName(path) is "bin" or "obj" or "node_modules";
}
