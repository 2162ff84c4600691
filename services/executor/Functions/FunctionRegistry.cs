using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Executor.Functions;

/// <summary>Keeps the functions of each org, and says which version of them is live.</summary>
public sealed class FunctionRegistry(ServiceDatabase database, TimeProvider time)
{
    public static ProblemException NotFound(string name) => new(Problem.NotFound("function", name));

    static ProblemException VersionNotFound(string name, int version) =>
        new(new(404, "function_version_not_found", $"There is no version {version} of the function \"{name}\"."));

    public Task<IReadOnlyList<Function>> List(string org, string? after, int most, CancellationToken stop) => Do<IReadOnlyList<Function>>(org, async db =>
    {
        var rows = db.Functions.Where(x => x.OrgId == org);
        if (after is not null)
            rows = rows.Where(x => string.Compare(x.Name, after) > 0);
        return [.. (await rows.OrderBy(x => x.Name).Take(most).ToListAsync(stop)).Select(Function.Of)];
    }, stop);

    public Task<Function?> Find(string org, string name, CancellationToken stop) => Do(org, async db =>
        await db.Functions.FirstOrDefaultAsync(x => x.OrgId == org && x.Name == name, stop) is { } row ? Function.Of(row) : null, stop);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<FunctionVersion>> Versions(string org, string name, CancellationToken stop) => Do<IReadOnlyList<FunctionVersion>>(org, async db =>
        await db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name).OrderByDescending(x => x.Version).WithoutBundles(stop), stop);

    /// <summary>A version with the settings it runs with; null where there is none.</summary>
    public Task<FunctionToRun?> ToRun(string org, string name, int version, CancellationToken stop) => Do(org, async db =>
        await db.Functions.FirstOrDefaultAsync(x => x.OrgId == org && x.Name == name, stop) is { } function && await db.Version(org, name, version, stop) is { } found
            ? FunctionToRun.Of(Function.Of(function), found)
            : null, stop);

    /// <summary>What new runs of every org take: for an executor to say what it can run.</summary>
    public async Task<IReadOnlyList<LiveFunction>> Live(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            """
            select f.org_id, f.name, f.live_version, v.exports from function f
            join function_version v on v.org_id = f.org_id and v.name = f.name and v.version = f.live_version order by f.org_id, f.name
            """, connection);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var live = new List<LiveFunction>();
        while (await rows.ReadAsync(stop))
            live.Add(new(rows.GetString(0), rows.GetString(1), rows.GetInt32(2), HandlersOf(rows.GetString(1), rows.IsDBNull(3) ? null : rows.GetString(3))));
        return live;

        // The plain name too where there is no default export: its runs are told so, and others would wait for ever.
        static string[] HandlersOf(string name, string? exports) => [.. Function.HandlersOf(name, Function.ExportsOf(exports)).Append(name).Distinct()];
    }

    /// <summary>What jobs can be run by: the exports of each function's live and newest versions.</summary>
    public Task<string[]> Exports(string org, CancellationToken stop) => Do(org, async db =>
    {
        var versions = await (
            from function in db.Functions
            join version in db.FunctionVersions on new { function.OrgId, function.Name } equals new { version.OrgId, version.Name }
            where function.OrgId == org && (version.Version == function.LiveVersion || version.Version == function.LastVersion)
            select new { function.Name, version.Exports }).ToListAsync(stop);
        return versions.SelectMany(x => Function.HandlersOf(x.Name, Function.ExportsOf(x.Exports))).Distinct().Order(StringComparer.Ordinal).ToArray();
    }, stop);

    /// <summary>Whether a version of the function declares triggers.</summary>
    public Task<bool> HasDeclared(string org, string name, CancellationToken stop) =>
        Do(org, db => db.FunctionVersions.AnyAsync(x => x.OrgId == org && x.Name == name && x.Triggers != null, stop), stop);

    /// <summary>The packed bundle of a version.</summary>
    public Task<byte[]> Bundle(string org, string name, int version, CancellationToken stop) => Do(org, async db =>
        await db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name && x.Version == version).Select(x => x.Bundle).FirstOrDefaultAsync(stop)
            ?? throw VersionNotFound(name, version), stop);

    /// <summary>Makes a function, or finds the one of its name; the caller compares.</summary>
    public Task<(Function Function, bool Created)> Create(Function function, CancellationToken stop) => Do(function.OrgId, async db =>
    {
        var row = function.ToRow();
        var created = await db.Database.ExecuteSqlAsync(
            $"""
            insert into function (org_id, name, runtime, network, env, secrets, created_at, updated_at)
            values ({row.OrgId}, {row.Name}, {row.Runtime}, {row.Network}, {row.Env}, {row.Secrets}, {row.CreatedAt}, {row.UpdatedAt}) on conflict do nothing
            """, stop) > 0;
        return created ? (function, true) : (Function.Of(await db.Functions.FirstAsync(x => x.OrgId == row.OrgId && x.Name == row.Name, stop)), false);
    }, stop);

    public Task<Function> Change(string org, string name, Func<Function, Function> change, CancellationToken stop) => Do(org, async db =>
    {
        var row = await db.Lock(org, name, stop);
        var function = Function.Of(row);
        var changed = change(function);
        if (changed.HasSettingsOf(function))
            return function;
        changed = changed with { UpdatedAt = Now };
        var values = changed.ToRow();
        (row.Network, row.Env, row.Secrets, row.UpdatedAt) = (values.Network, values.Env, values.Secrets, values.UpdatedAt);
        await db.SaveChangesAsync(stop);
        return changed;
    }, stop);

    /// <summary>The version that a promotion means: the one asked for, or the newest.</summary>
    public Task<FunctionVersion> Candidate(string org, string name, int? version, CancellationToken stop) => Do(org, async db =>
    {
        if (!await db.Functions.AnyAsync(x => x.OrgId == org && x.Name == name, stop))
            throw NotFound(name);
        if (version is { } asked)
            return await db.Version(org, name, asked, stop) ?? throw VersionNotFound(name, asked);
        return (await db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name).OrderByDescending(x => x.Version).Take(1).WithoutBundles(stop)).FirstOrDefault()
            ?? throw new ProblemException(new(409, "function_not_deployed", $"The function \"{name}\" has no version: deploy one first."));
    }, stop);

    /// <summary>From now on new runs take this version; an older one is a rollback. Runs that have one keep theirs.</summary>
    public Task<Function> Promote(string org, string name, int version, CancellationToken stop) => Do(org, async db =>
    {
        var row = await db.Lock(org, name, stop);
        if (row.LiveVersion == version)
            return Function.Of(row);
        _ = await db.Version(org, name, version, stop) ?? throw VersionNotFound(name, version);
        (row.LiveVersion, row.UpdatedAt) = (version, Now);
        await db.SaveChangesAsync(stop);
        return Function.Of(row);
    }, stop);

    public Task<bool> DeleteVersion(string org, string name, int version, CancellationToken stop) => Do(org, async db =>
    {
        var row = await db.Lock(org, name, stop);
        _ = await db.Version(org, name, version, stop) ?? throw VersionNotFound(name, version);
        if (row.LiveVersion == version)
            throw new ProblemException(new(409, "version_live", $"Version {version} of \"{name}\" is live: promote another first."));
        var held = await db.FunctionPins.CountAsync(x => x.OrgId == org && x.Name == name && x.Version == version, stop);
        if (held > 0)
            throw Held($"Version {version} of \"{name}\"", held);
        return await db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name && x.Version == version).ExecuteDeleteAsync(stop) > 0;
    }, stop);

    public Task<bool> Delete(string org, string name, CancellationToken stop) => Do(org, async db =>
    {
        await db.Lock(org, name, stop);
        var held = await db.FunctionPins.CountAsync(x => x.OrgId == org && x.Name == name, stop);
        if (held > 0)
            throw Held($"The function \"{name}\"", held);
        await db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name).ExecuteDeleteAsync(stop);
        return await db.Functions.Where(x => x.OrgId == org && x.Name == name).ExecuteDeleteAsync(stop) > 0;
    }, stop);

    static ProblemException Held(string what, int runs) =>
        new(new(409, "version_in_use", $"{what} is held by {runs} {(runs == 1 ? "run" : "runs")} that began with it; it can go when they have ended."));

    DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    Task<T> Do<T>(string org, Func<ExecutorDb, Task<T>> work, CancellationToken stop) => database.Read<ExecutorDb, T>(org, options => new(options), work, stop);
}

static class FunctionQueries
{
    /// <summary>One change of a function at a time.</summary>
    public static async Task<FunctionRow> Lock(this ExecutorDb db, string org, string name, CancellationToken stop) =>
        await db.Functions.FromSql($"select * from function where org_id = {org} and name = {name} for update").AsTracking().FirstOrDefaultAsync(stop)
            ?? throw FunctionRegistry.NotFound(name);

    public static async Task<FunctionVersion?> Version(this ExecutorDb db, string org, string name, int version, CancellationToken stop) =>
        (await db.FunctionVersions.Where(x => x.OrgId == org && x.Name == name && x.Version == version).WithoutBundles(stop)).FirstOrDefault();

    public static async Task<List<FunctionVersion>> WithoutBundles(this IQueryable<FunctionVersionRow> rows, CancellationToken stop)
    {
        var found = await rows.Select(x => new
        {
            x.OrgId,
            x.Name,
            x.Version,
            x.Id,
            x.Runtime,
            x.Entry,
            x.Sha256,
            x.Bytes,
            x.Files,
            x.Network,
            x.Env,
            x.Secrets,
            x.Job,
            x.Exports,
            x.Triggers,
            x.CreatedAt,
            x.CreatedBy,
        }).ToListAsync(stop);
        return [.. found.Select(x => new FunctionVersion(
            x.OrgId, x.Name, x.Version, x.Id, x.Runtime, x.Entry, x.Sha256, x.Bytes, x.Files, x.Network, Function.VariablesOf(x.Env, x.Secrets),
            x.Job is null ? null : RawJson.Trusted(x.Job), x.CreatedAt, x.CreatedBy)
        {
            Exports = Function.ExportsOf(x.Exports),
            Triggers = x.Triggers is null ? null : RawJson.Trusted(x.Triggers),
        })];
    }
}
