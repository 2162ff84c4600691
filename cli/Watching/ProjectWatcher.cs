using System.Threading.Channels;
using ReactorJobs.Cli.Deploying;

namespace ReactorJobs.Cli.Watching;

/// <summary>
/// Says when it is time to look at a project again: soon after something in it was written, and every second all the same, because a
/// system's watchers lose events, do not follow links, and may be used up.
/// </summary>
sealed class ProjectWatcher : IDisposable
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    readonly Channel<bool> looks = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly Dictionary<string, FileSystemWatcher?> watchers = new(StringComparer.Ordinal);
    readonly string project;
    readonly ITimer timer;

    public ProjectWatcher(string project, TimeProvider clock)
    {
        this.project = project;
        timer = clock.CreateTimer(_ => Look(), null, Every, Every);
    }

    public async Task TimeToLook(CancellationToken ct)
    {
        // Here, because a folder may have come, or gone and come back.
        Watch(Project.FunctionsFolder, deep: true);
        Watch(Path.GetDirectoryName(JobManifest.File)!, deep: false);
        await looks.Reader.ReadAsync(ct);
    }

    void Look() => looks.Writer.TryWrite(true);

    void Watch(string folder, bool deep)
    {
        var path = Path.Combine(project, folder);
        var exists = Directory.Exists(path);
        if (watchers.TryGetValue(folder, out var watcher) == exists) return;
        watcher?.Dispose();
        if (exists) watchers[folder] = Begin(path, deep);
        else watchers.Remove(folder);
    }

    /// <summary>None where the system has no more to give: the look of every second is enough then.</summary>
    FileSystemWatcher? Begin(string path, bool deep)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(path)
            {
                IncludeSubdirectories = deep,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += Heard;
            watcher.Changed += Heard;
            watcher.Deleted += Heard;
            watcher.Renamed += Heard;
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            watcher?.Dispose();
            return null;
        }
    }

    void Heard(object sender, FileSystemEventArgs e)
    {
        // Installing dependencies is thousands of events, and none of them matters. A folder matters when a file in it would.
        var path = Path.GetRelativePath(project, e.FullPath).Replace(Path.DirectorySeparatorChar, '/');
        if (ProjectListing.Matters(path) || ProjectListing.Matters($"{path}/index.ts")) Look();
    }

    public void Dispose()
    {
        timer.Dispose();
        foreach (var watcher in watchers.Values) watcher?.Dispose();
    }
}
