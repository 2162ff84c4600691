using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Executor.Database;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor.Functions;

/// <summary>What deploying needs from the rest of a host.</summary>
/// <param name="Build">Runs the bundler, contained.</param>
/// <param name="ApplyJob">Registers or changes the job of a function of an org; throws a problem where it is wrong.</param>
/// <param name="CheckJob">Says the same of a job and changes nothing; without it a wrong one is found at its promotion.</param>
/// <param name="Triggers">Makes the triggers that a version declares those of its function, or, where the last argument says so, only checks them.</param>
public sealed record DeploymentSteps(
    Func<BuildCommand, CancellationToken, Task<BuildResult>> Build, Func<string, string, RawJson, Task> ApplyJob, Func<string, string, RawJson, Task>? CheckJob = null,
    Func<string, string, DeclaredTriggers, bool, Task>? Triggers = null);

/// <summary>Takes archives in, builds them, and puts versions live.</summary>
public sealed class Deployments : IDisposable
{
    readonly ServiceDatabase database;
    readonly FunctionRegistry registry;
    readonly DeploymentSteps steps;
    readonly FunctionOptions options;
    readonly TimeProvider time;
    readonly IdSource ids;
    readonly BundleBuild build;
    readonly SemaphoreSlim room;

    /// <param name="folder">Where bundles are built.</param>
    public Deployments(ServiceDatabase database, FunctionRegistry registry, DeploymentSteps steps, FunctionOptions options, string folder, TimeProvider time, IdSource ids)
    {
        (this.database, this.registry, this.steps, this.options, this.time, this.ids) = (database, registry, steps, options, time, ids);
        build = new(steps.Build, folder, options.BuildTimeLimit, ids);
        room = new(options.DeploymentsAtOnce);
    }

    /// <summary>
    /// Makes a version of an archive. What equals the newest version is that version, so that a deployment may be sent again; an older
    /// one deployed again is new, because a promotion takes the newest.
    /// </summary>
    public async Task<(FunctionVersion Version, bool Created)> Deploy(string org, string name, byte[] archive, string by, CancellationToken stop)
    {
        var function = await registry.Find(org, name, stop) ?? throw FunctionRegistry.NotFound(name);
        await room.WaitAsync(stop);
        try
        {
            var bundle = await Task.Run(() => BundleArchive.Read(archive, options.Limits, stop), stop);
            var (manifest, entry) = await ReadSettings(org, name, bundle);
            var runtime = manifest.Runtime ?? function.Runtime;
            var (packed, exports, triggers) = await build.Build(bundle, entry, runtime, stop);
            if (triggers is not null)
                await CheckTriggers(org, new(name, exports, triggers));
            return await Store(org, name, packed, row => new()
            {
                OrgId = org,
                Name = name,
                Version = row.LastVersion,
                Id = ids.Next(),
                Runtime = runtime,
                Entry = entry,
                Bundle = packed.Bytes,
                Sha256 = packed.Sha256,
                Bytes = packed.Bytes.Length,
                Files = packed.Files,
                Network = manifest.Network,
                Env = JsonSerializer.Serialize(manifest.Variables.Env),
                Secrets = JsonSerializer.Serialize(manifest.Variables.Secrets),
                Job = manifest.Job?.ToString(),
                Exports = JsonSerializer.Serialize(exports),
                Triggers = triggers?.ToString(),
                CreatedAt = row.UpdatedAt,
                CreatedBy = by,
            }, stop);
        }
        finally
        {
            room.Release();
        }
    }

    Task<(FunctionVersion, bool)> Store(string org, string name, PackedBundle packed, Func<FunctionRow, FunctionVersionRow> versionOf, CancellationToken stop) =>
        database.Read<ExecutorDb, (FunctionVersion, bool)>(org, x => new(x), async db =>
        {
            var row = await db.Lock(org, name, stop);
            var all = db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name);
            var newest = (await all.OrderByDescending(x => x.Version).Take(1).WithoutBundles(stop)).FirstOrDefault();
            // function.json is a part of what is kept: other settings are another sum.
            if (newest?.Sha256 == packed.Sha256)
                return (newest, false);
            row.LastVersion++;
            row.UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
            var version = versionOf(row);
            db.FunctionVersions.Add(version);
            await db.SaveChangesAsync(stop);
            await all.Where(x => x.Version != row.LiveVersion && x.Version <= version.Version - options.KeptVersions)
                .Where(x => !db.FunctionPins.Any(pin => pin.OrgId == x.OrgId && pin.Name == x.Name && pin.Version == x.Version))
                .ExecuteDeleteAsync(stop);
            return ((await db.Version(org, name, version.Version, stop))!, true);
        }, stop);

    /// <summary>Applies the version's job and triggers, then puts it live: where the job is refused, nothing has changed.</summary>
    /// <param name="version">Null for the newest.</param>
    public async Task<Function> Promote(string org, string name, int? version, CancellationToken stop)
    {
        var candidate = await registry.Candidate(org, name, version, stop);
        if (candidate.Job is { } job)
            await steps.ApplyJob(org, name, job);
        if (steps.Triggers is { } apply && (candidate.Triggers is not null || await registry.HasDeclared(org, name, stop)))
            await apply(org, name, new(name, candidate.Exports, candidate.Triggers), false);
        return await registry.Promote(org, name, candidate.Version, stop);
    }

    /// <summary>What <c>function.json</c> says; a mistake there comes with its line and column.</summary>
    async Task<(BundleManifest Manifest, string Entry)> ReadSettings(string org, string name, Bundle bundle)
    {
        try
        {
            var manifest = BundleManifest.Read(bundle);
            if (manifest.Job is { } job)
                await Check(org, name, job);
            return (manifest, manifest.EntryOf(bundle));
        }
        catch (ProblemException exception) when (bundle.Find(BundleManifest.File) is { } file)
        {
            throw new ProblemException(exception.Problem.Placed(file.Content.Span, BundleManifest.File));
        }
    }

    Task Check(string org, string name, RawJson job) =>
        steps.CheckJob is { } check ? Refusing(() => check(org, name, job), BundleManifest.File + "/job") : Task.CompletedTask;

    Task CheckTriggers(string org, DeclaredTriggers triggers) =>
        steps.Triggers is { } apply ? Refusing(() => apply(org, triggers.Function, triggers, true), "") : Task.CompletedTask;

    /// <param name="at">Where in the bundle the mistakes are that are found.</param>
    static async Task Refusing(Func<Task> check, string at)
    {
        try
        {
            await check();
        }
        catch (ProblemException exception) when (exception.Problem.Status is >= 400 and < 500)
        {
            var code = exception.Problem.Code == DeclaredTriggers.UnknownTarget ? DeclaredTriggers.UnknownTarget : BundleRefusal.Code;
            var refusal = BundleRefusal.Invalid(exception.Problem.Errors is { Count: > 0 } errors
                ? [.. errors.Select(x => x with { Pointer = (at + x.Pointer).TrimStart('/') })]
                : [new(at, exception.Problem.Detail)]);
            throw new ProblemException(refusal.Problem with { Code = code });
        }
    }

    /// <summary>Deletes a function, and with it the triggers that it declares.</summary>
    public async Task Delete(string org, string name, CancellationToken stop)
    {
        var declares = steps.Triggers is not null && await registry.HasDeclared(org, name, stop);
        await registry.Delete(org, name, stop);
        if (declares)
            await steps.Triggers!(org, name, new(name, [], null), false);
    }

    public void Dispose() => room.Dispose();
}
