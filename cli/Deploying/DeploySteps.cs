using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Functions;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Deploying;

/// <summary>A function of which the suite has a version.</summary>
/// <param name="Deployed">The version; none where the live one was made of these very files.</param>
/// <param name="LiveBefore">The version that was live; none for a new function.</param>
sealed record BuiltFunction(FunctionSource Source, ApiAnswer? Deployed, string? LiveBefore)
{
    public bool IsUnchanged => Deployed is null;

    /// <param name="live">The version that is live now.</param>
    public DeployRow Row(string? live) =>
        new(DeployRow.Function, Source.Name, IsUnchanged || LiveBefore == live ? "unchanged" : LiveBefore is null ? "created" : "updated", live);
}

/// <summary>The steps that bring a project's parts to the suite. In which order they are taken, and what a refusal ends, decides who takes them.</summary>
/// <param name="folder">The project's, which keeps the record of what was deployed.</param>
sealed class DeploySteps(Session session, string folder)
{
    readonly FunctionDeployment functions = new(session);
    readonly DeployedBefore before = new(folder, $"{session.Api.Url} {session.Api.Org}".TrimEnd());

    /// <summary>What would be done with it, by what the suite has now.</summary>
    public async Task<DeployRow> Plan(FunctionSource source, CancellationToken ct)
    {
        var found = await functions.Find(source.Name, ct);
        var action = found is null ? "create" : before.Holds(source, found.Json) ? "none" : "update";
        return new DeployRow(DeployRow.Function, source.Name, action, found?.Json.Text("live_version"));
    }

    public async Task<BuiltFunction> Build(FunctionSource source, CancellationToken ct)
    {
        var found = await functions.Find(source.Name, ct);
        var live = found?.Json.Text("live_version");
        if (found is null || !before.Holds(source, found.Json)) return new BuiltFunction(source, await functions.Upload(source, isNew: found is null, ct), live);
        session.Printer.Say($"{source.Name}: unchanged");
        return new BuiltFunction(source, null, live);
    }

    public async Task<DeployRow> GoLive(BuiltFunction built, CancellationToken ct)
    {
        if (built.Deployed is not { } deployed) return built.Row(built.LiveBefore);
        var live = await functions.Promote(built.Source.Name, (int?)deployed.Json.Number("version"), ct);
        before.Keep(built.Source, deployed.Json);
        session.Printer.Say(FunctionView.Live(live.Json, session.Printer.View).TrimEnd('\n'));
        return built.Row(live.Json.Text("live_version"));
    }

    public async Task<IReadOnlyList<DeployRow>> Apply(JobManifest manifest, CancellationToken ct)
    {
        try
        {
            var done = (await session.Api.Post(ApiPath.Manifest, manifest.Body, ct)).Json;
            return [.. new[] { "created", "updated", "unchanged" }.SelectMany(action =>
                done.Items(action).Select(job => new DeployRow(DeployRow.Job, Printable.Line(job.ToString()), action)))];
        }
        catch (ApiRefusal refusal) when (refusal.Fields.Count > 0)
        {
            throw manifest.Refused(refusal);
        }
    }

    /// <summary>Keeps what went live on record.</summary>
    public void Save() => before.Save();
}
