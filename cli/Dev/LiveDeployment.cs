using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Deploying;
using ReactorJobs.Cli.Functions;
using ReactorJobs.Cli.Output;
using ReactorJobs.Cli.Watching;

namespace ReactorJobs.Cli.Dev;

/// <summary>
/// Deploys what has changed, each function for itself: one that is refused is told, what was live of it stays live, and the others are deployed
/// all the same.
/// </summary>
sealed class LiveDeployment
{
    readonly Session session;
    readonly DevScreen screen;
    readonly string project;
    readonly DeploySteps steps;
    readonly Dictionary<string, string?> live = new(StringComparer.Ordinal);

    /// <summary>Functions with triggers for what is not there: another one that is saved may bring it.</summary>
    readonly HashSet<string> unresolved = new(StringComparer.Ordinal);
    string? trouble;

    public LiveDeployment(Session session, DevScreen screen, string project)
    {
        (this.session, this.screen, this.project) = (session, screen, project);
        steps = new DeploySteps(session, project);
    }

    /// <summary>The project's jobs as they were applied or last read.</summary>
    public JobManifest? Manifest { get; private set; }

    /// <returns>Which functions, and whether the manifest, have to be tried again although they have not changed: the suite did not answer.</returns>
    public async Task<(IReadOnlyList<string> Functions, bool Manifest)> Run(ProjectChange change, CancellationToken ct)
    {
        var since = change.Since(session.Clock.GetUtcNow());
        var again = new List<string>();
        var waiting = unresolved.Except(change.GoneFunctions).Except(change.Functions).ToList();
        unresolved.Clear();
        foreach (var name in change.Functions)
            if (!await Attempt(name, () => Deploy(name, since, ct), () => waiting.Add(name)))
                again.Add(name);
        foreach (var name in change.GoneFunctions)
            screen.Report($"{name}: its folder is gone, and it stays deployed; to delete it: reactor functions delete {name}");
        var applied = !change.Manifest || await Attempt(JobManifest.File, () => Apply(ct));
        foreach (var name in waiting)
            if (!await Attempt(name, () => Deploy(name, since, ct)))
                again.Add(name);
        if (change.ManifestIsGone)
        {
            Manifest = null;
            screen.Report($"{JobManifest.File} is gone, and its jobs stay; to delete one: reactor jobs delete NAME");
        }
        return (again, !applied);
    }

    async Task Deploy(string name, DateTimeOffset since, CancellationToken ct)
    {
        var source = Project.ReadFunction(project, name);
        var row = await steps.GoLive(await steps.Build(source, ct), ct);
        steps.Save();
        live[name] = row.Version;
        screen.Report(row.Action == "unchanged"
            ? $"{name}: unchanged, version {row.Version} is live"
            : $"{name}: version {row.Version} is live after {Durations.Format(session.Clock.GetUtcNow() - since)}{(HasJob(source) ? ", with its job" : "")}");
    }

    static bool HasJob(FunctionSource source) => source.Settings is { } settings && JsonInput.Parse(source.Shown, settings).Field("job") is not null;

    async Task Apply(CancellationToken ct)
    {
        Manifest = await Project.ReadManifest(project, session, ct);
        foreach (var row in await steps.Apply(Manifest, ct)) screen.Report($"job {row.Name}: {row.Action}");
    }

    /// <summary>Whether it is done with, well or not. What is wrong with a file is told at each save, that the suite does not answer once.</summary>
    /// <param name="wait">Where a target that is not there may still come: notes it, and nothing is told yet.</param>
    async Task<bool> Attempt(string what, Func<Task> act, Action? wait = null)
    {
        try
        {
            await act();
            trouble = null;
            return true;
        }
        catch (ApiRefusal refusal) when (refusal.IsUnknownTarget && wait is not null)
        {
            wait();
            return true;
        }
        catch (Exception e) when (Told(e) is { } failure)
        {
            if (failure is ApiRefusal { IsUnknownTarget: true }) unresolved.Add(what);
            var isForNow = failure is ConnectionLost or ApiRefusal { ConcernsOneItem: false };
            if (!isForNow || trouble != failure.Message)
            {
                screen.Error(failure is ApiRefusal refusal ? refusal.About(what) : failure);
                if (live.GetValueOrDefault(what) is { } version) screen.Report($"{what}: version {version} stays live");
            }
            trouble = isForNow ? failure.Message : null;
            return !isForNow;
        }
    }

    static Failure? Told(Exception e) => e switch
    {
        Failure failure => failure,
        IOException or UnauthorizedAccessException => new Failure(ExitCode.Failed, e.Message),
        _ => null,
    };
}
