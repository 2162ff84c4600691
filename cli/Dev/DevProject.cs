using System.Text.Json;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Deploying;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Watching;

namespace ReactorJobs.Cli.Dev;

/// <summary>Keeps a suite at what a project's folder says, and says which jobs of it nothing runs.</summary>
/// <param name="served">Those of some handlers of which anything takes runs now; null while that is not known.</param>
sealed class DevProject(string folder, Session session, DevScreen screen, Func<IReadOnlyCollection<string>, Task<IReadOnlySet<string>?>> served)
{
    /// <summary>Longer than a worker's longest pause between two attempts to connect.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);

    /// <summary>Editors write a file in several goes, and save several files at once.</summary>
    static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(80);
    const int MostLooks = 5;

    readonly LiveDeployment deployment = new(session, screen, folder);
    readonly ToldTargets told = new();
    readonly long since = session.Clock.GetTimestamp();
    ProjectListing known = ProjectListing.Empty;
    bool hasToJudge;

    /// <summary>Where a command finds its project: in its own folder, else beside the settings that hold for it.</summary>
    /// <param name="settings">The file of the settings, where there is one.</param>
    public static string FolderOf(string here, string? settings) =>
        settings is null || !ProjectListing.Of(here).IsEmpty ? here : Path.GetDirectoryName(settings)!;

    /// <summary>Deploys what there is.</summary>
    public Task Deploy(CancellationToken ct) => Deploy(ProjectListing.Of(folder), ct);

    /// <summary>Deploys what is saved, until it is cancelled.</summary>
    public async Task Follow(CancellationToken ct)
    {
        using var watcher = new ProjectWatcher(folder, session.Clock);
        while (true)
        {
            await watcher.TimeToLook(ct);
            var now = ProjectListing.Of(folder);
            if (!now.IsSameAs(known)) await Deploy(await Settled(now, ct), ct);
            await Judge(ct);
        }
    }

    /// <summary>The listing is from before the files are read: what is saved during a deployment is a change at the next look.</summary>
    async Task Deploy(ProjectListing now, CancellationToken ct)
    {
        var change = ProjectChange.Between(known, now);
        known = now;
        if (change.IsNone) return;
        var (functions, manifest) = await deployment.Run(change, ct);
        if (functions.Count > 0 || manifest)
            known = now.Without([.. now.Files.Keys.Where(path => ProjectListing.FunctionOf(path) is { } function ? functions.Contains(function) : manifest)]);
        hasToJudge = true;
    }

    async Task<ProjectListing> Settled(ProjectListing seen, CancellationToken ct)
    {
        for (var looks = 0; looks < MostLooks; looks++)
        {
            await Task.Delay(Quiet, session.Clock, ct);
            var now = ProjectListing.Of(folder);
            if (now.IsSameAs(seen)) break;
            seen = now;
        }
        return seen;
    }

    async Task Judge(CancellationToken ct)
    {
        if ((!hasToJudge && !told.Any) || session.Clock.GetElapsedTime(since) < Grace || await Jobs(ct) is not { } jobs
            || await served([.. jobs.Select(x => x.Handler).Distinct()]) is not { } taken) return;
        hasToJudge = false;
        var (missing, found) = told.Compare(MissingTargets.Among(jobs, known.Functions, taken.Contains), jobs);
        foreach (var target in missing) Tell(target, jobs, taken);
        foreach (var target in found) screen.Report($"job {target.Job}: its target {target.Handler} is there now");
    }

    void Tell(JobTarget target, IReadOnlyCollection<JobTarget> jobs, IReadOnlySet<string> taken)
    {
        var place = deployment.Manifest?.Handlers().Where(x => x.Job == target.Job && x.Handler == target.Handler).Select(x => $"{x.Place}: ").FirstOrDefault();
        var meant = MissingTargets.Meant(target, jobs, known.Functions, taken.Contains);
        var question = meant.Count > 0 ? $"; did you mean {string.Join(" or ", meant)}?" : "";
        screen.Error(new Failure(ExitCode.Failed,
            $"{place}the job {target.Job} has no target: {target.Handler} is no function, and no worker serves it{question}",
            meant.Count > 0 ? null : $"its runs wait until {Project.FunctionsFolder}/{target.Handler} is there, or a worker that serves it"));
    }

    /// <summary>All jobs of the suite; none where it does not answer, to be asked for again.</summary>
    async Task<IReadOnlyList<JobTarget>?> Jobs(CancellationToken ct)
    {
        var jobs = new List<JsonElement>();
        try
        {
            string? cursor = null;
            do
            {
                var page = await session.Api.Get(ApiPath.Jobs.With(("limit", "500"), ("cursor", cursor)), ct);
                jobs.AddRange(page.Json.Items());
                cursor = page.NextCursor;
            }
            while (cursor is not null);
        }
        catch (Failure e) when (e is ConnectionLost or ApiRefusal { ConcernsOneItem: false })
        {
            return null;
        }
        return [.. jobs.Select(x => new JobTarget(x.Text("id") ?? "", x.Text("handler") ?? ""))];
    }
}
