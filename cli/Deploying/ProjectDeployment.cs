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
    readonly FunctionDeployment functions = new(session);
    readonly DeployedBefore before = new(project.Folder, $"{session.Api.Url} {session.Api.Org}".TrimEnd());
    readonly Dictionary<string, DeployRow> rows = new(StringComparer.Ordinal);
    int exit = ExitCode.Ok;

    /// <summary>What would be done, by what the suite has now.</summary>
    public async Task<IReadOnlyList<DeployRow>> Plan(CancellationToken ct)
    {
        var plan = new List<DeployRow>();
        foreach (var source in project.Functions)
        {
            var found = await functions.Find(source.Name, ct);
            var action = found is null ? "create" : before.Holds(source, found.Json) ? "none" : "update";
            plan.Add(new DeployRow(DeployRow.Function, source.Name, action, found?.Json.Text("live_version")));
        }
        foreach (var job in project.Manifest?.Jobs ?? []) plan.Add(new DeployRow(DeployRow.Job, job, await Exists(job, ct) ? "apply" : "create"));
        return plan;
    }

    public async Task<(IReadOnlyList<DeployRow> Rows, int Exit)> Run(CancellationToken ct)
    {
        var built = new List<(FunctionSource Source, ApiAnswer Deployed, string? LiveBefore)>();
        await Each(project.Functions, x => x.Name, async source =>
        {
            var found = await functions.Find(source.Name, ct);
            if (found is not null && before.Holds(source, found.Json))
            {
                session.Printer.Say($"{source.Name}: unchanged");
                rows[source.Name] = new(DeployRow.Function, source.Name, "unchanged", found.Json.Text("live_version"));
            }
            else built.Add((source, await functions.Upload(source, isNew: found is null, ct), found?.Json.Text("live_version")));
        });
        if (exit == ExitCode.Ok) await Each(built, x => x.Source.Name, async x =>
        {
            var live = await functions.Promote(x.Source.Name, (int?)x.Deployed.Json.Number("version"), ct);
            before.Keep(x.Source, x.Deployed.Json);
            session.Printer.Say(FunctionView.Live(live.Json, session.Printer.View).TrimEnd('\n'));
            var now = live.Json.Text("live_version");
            rows[x.Source.Name] = new(DeployRow.Function, x.Source.Name, x.LiveBefore is null ? "created" : x.LiveBefore == now ? "unchanged" : "updated", now);
        });
        before.Save();
        var jobs = project.Manifest is { } manifest ? await Apply(manifest, ct) : [];
        return ([.. project.Functions.Select(x => rows.GetValueOrDefault(x.Name) ?? new(DeployRow.Function, x.Name, "skipped")), .. jobs], exit);
    }

    async Task<IEnumerable<DeployRow>> Apply(JobManifest manifest, CancellationToken ct)
    {
        if (exit != ExitCode.Ok) return manifest.Jobs.Select(job => new DeployRow(DeployRow.Job, job, "skipped"));
        try
        {
            var done = (await session.Api.Post(ApiPath.Manifest, manifest.Body, ct)).Json;
            return new[] { "created", "updated", "unchanged" }.SelectMany(action =>
                done.Items(action).Select(job => new DeployRow(DeployRow.Job, Printable.Line(job.ToString()), action)));
        }
        catch (ApiRefusal refusal) when (refusal.ConcernsOneItem)
        {
            Tell(refusal.Fields.Count > 0 ? manifest.Refused(refusal) : refusal);
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
