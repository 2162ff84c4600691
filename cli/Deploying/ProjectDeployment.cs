using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Functions;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Deploying;

/// <summary>
/// Brings a whole project to the suite: first every function is built, then all go live, then the jobs are applied. What fails ends it before
/// the next step, so that no job meets a function that is not there and nothing goes live beside something broken.
/// </summary>
sealed class ProjectDeployment(Session session, Project project)
{
    readonly DeploySteps steps = new(session, project.Folder);
    readonly Dictionary<string, DeployRow> rows = new(StringComparer.Ordinal);
    int exit = ExitCode.Ok;

    /// <summary>What would be done, by what the suite has now.</summary>
    public async Task<IReadOnlyList<DeployRow>> Plan(CancellationToken ct)
    {
        var plan = new List<DeployRow>();
        foreach (var source in project.Functions) plan.Add(await steps.Plan(source, ct));
        foreach (var job in project.Manifest?.Jobs ?? []) plan.Add(new DeployRow(DeployRow.Job, job, await Exists(job, ct) ? "apply" : "create"));
        return plan;
    }

    public async Task<(IReadOnlyList<DeployRow> Rows, int Exit)> Run(CancellationToken ct)
    {
        var built = new List<BuiltFunction>();
        var waiting = new List<FunctionSource>();
        await Each(project.Functions, x => x.Name, async source =>
        {
            try
            {
                await Build(source, built, ct);
            }
            catch (ApiRefusal refusal) when (refusal.IsUnknownTarget)
            {
                waiting.Add(source);
            }
        });
        // What its triggers are for may be another function of the project.
        await Each(waiting, x => x.Name, source => Build(source, built, ct));
        if (exit == ExitCode.Ok) await Each(built, x => x.Source.Name, async x => rows[x.Source.Name] = await steps.GoLive(x, ct));
        steps.Save();
        var jobs = project.Manifest is { } manifest ? await Apply(manifest, ct) : [];
        return ([.. project.Functions.Select(x => rows.GetValueOrDefault(x.Name) ?? new(DeployRow.Function, x.Name, "skipped")), .. jobs], exit);
    }

    async Task Build(FunctionSource source, List<BuiltFunction> built, CancellationToken ct)
    {
        var one = await steps.Build(source, ct);
        if (one.IsUnchanged) rows[source.Name] = one.Row(one.LiveBefore);
        else built.Add(one);
    }

    async Task<IEnumerable<DeployRow>> Apply(JobManifest manifest, CancellationToken ct)
    {
        if (exit != ExitCode.Ok) return manifest.Jobs.Select(job => new DeployRow(DeployRow.Job, job, "skipped"));
        try
        {
            return await steps.Apply(manifest, ct);
        }
        catch (ApiRefusal refusal) when (refusal.ConcernsOneItem)
        {
            Tell(refusal);
            return manifest.Jobs.Select(job => new DeployRow(DeployRow.Job, job, "failed"));
        }
    }

    /// <summary>One that is refused does not keep the others from being looked at; a lost connection or a refused token ends it.</summary>
    async Task Each<T>(IEnumerable<T> items, Func<T, string> name, Func<T, Task> act)
    {
        foreach (var item in items)
        {
            try
            {
                await act(item);
            }
            catch (ApiRefusal refusal) when (refusal.ConcernsOneItem)
            {
                Tell(refusal.About(name(item)));
                rows[name(item)] = new(DeployRow.Function, name(item), "failed");
            }
        }
    }

    void Tell(ApiRefusal refusal)
    {
        session.Terminal.Error.Write(FailureText.Render(refusal, session.Terminal.ErrorPaint));
        if (exit == ExitCode.Ok) exit = refusal.ExitCode;
    }

    async Task<bool> Exists(string job, CancellationToken ct)
    {
        try
        {
            await session.Api.Get(ApiPath.Job(job), ct);
            return true;
        }
        catch (ApiRefusal refusal) when (refusal.Code == "job_not_found")
        {
            return false;
        }
    }
}
