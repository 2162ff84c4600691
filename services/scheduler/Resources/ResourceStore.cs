using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>
/// Keeps components and job definitions. A definition is a job of its name whose handler is its component's function: what changes a component
/// changes the jobs of its definitions with it, and the runs that have not begun.
/// </summary>
public sealed class ResourceStore(JobRegistry registry, SchedulerOptions options, TimeProvider time)
{
    /// <summary>Writes all of them, or none.</summary>
    public Task<IReadOnlyList<WriteOutcome>> Apply(string org, IReadOnlyList<ResourceWrite> writes, CancellationToken stop) =>
        registry.Write<IReadOnlyList<WriteOutcome>>(org, async (db, connection) =>
        {
            await Lock(db, org, stop);
            await LockJobs(db, connection, org, writes, stop);
            var outcomes = new Dictionary<ResourceUri, WriteOutcome>();
            foreach (var write in writes.OfType<ComponentWrite>())
                outcomes[write.Uri] = await Write(db, org, write, stop);
            await db.SaveChangesAsync(stop);
            var changed = outcomes.Where(x => x.Value != WriteOutcome.Unchanged).Select(x => x.Key.Id).ToArray();
            await Follow(db, connection, org, changed, stop);
            var taken = new List<DefinitionWrite>();
            foreach (var write in writes.OfType<DefinitionWrite>())
                if (await Write(db, connection, org, write, stop) is { } outcome)
                    outcomes[write.Uri] = outcome;
                else
                    taken.Add(write);
            if (taken.Count > 0)
                throw Taken(taken);
            await db.SaveChangesAsync(stop);
            await JobRegistry.EnsureLoads(connection, org, [.. writes.OfType<DefinitionWrite>().Select(x => x.Uri.Id)], stop);
            return [.. writes.Select(x => outcomes[x.Uri])];
        }, stop);

    public Task<ComponentRow?> FindComponent(string org, string id, CancellationToken stop) =>
        registry.Read(org, db => db.Components.FirstOrDefaultAsync(x => x.OrgId == org && x.Id == id, stop), stop);

    public Task<List<ComponentRow>> Components(string org, string? after, int most, CancellationToken stop) => registry.Read(org, db =>
        db.Components.Where(x => x.OrgId == org && (after == null || string.Compare(x.Id, after) > 0)).OrderBy(x => x.Id).Take(most).ToListAsync(stop), stop);

    public async Task<Job?> FindDefinition(string org, string id, CancellationToken stop) =>
        await registry.Find(org, id, stop) is { ComponentId: not null } job ? job : null;

    public Task<List<Job>> Definitions(string org, string? after, int most, CancellationToken stop) => registry.Read(org, async db =>
        (await Living(db, org).Where(x => after == null || string.Compare(x.Name, after) > 0).OrderBy(x => x.Name).Take(most).ToListAsync(stop))
            .Select(x => x.ToJob()).ToList(), stop);

    /// <summary>False where there is none. One that definitions use stays, and they are named.</summary>
    public Task<bool> DeleteComponent(string org, string id, CancellationToken stop) => registry.Write(org, async (db, _) =>
    {
        await Lock(db, org, stop);
        var users = await Living(db, org).Where(x => x.ComponentId == id).OrderBy(x => x.Name).Select(x => x.Name).Take(101).ToListAsync(stop);
        var isThere = await db.Components.AnyAsync(x => x.OrgId == org && x.Id == id, stop);
        if (isThere && users.Count > 0)
            throw new ProblemException(new(409, "component_in_use", $"\"{id}\" is the component of {string.Join(", ", users.Take(100))}{(users.Count > 100 ? " and others" : "")}: delete these job definitions first, or give them another."));
        return await db.Components.Where(x => x.OrgId == org && x.Id == id).ExecuteDeleteAsync(stop) > 0;
    }, stop);

    static IQueryable<JobRow> Living(SchedulerDb db, string org) => db.Jobs.Where(x => x.OrgId == org && x.ComponentId != null && x.DeletedAt == null);

    static ProblemException Taken(IReadOnlyList<DefinitionWrite> writes) => new(new(
        409, "job_exists", $"There are jobs that are no job definitions: {string.Join(", ", writes.Select(x => x.Uri.Id))}. Take other ids, or delete these jobs.",
        [.. writes.Select(x => new InputError(x.Pointer, $"there is a job \"{x.Uri.Id}\" that is no job definition"))]));

    // They are written seldom, and refer to each other.
    static Task Lock(SchedulerDb db, string org, CancellationToken stop) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('resources of ' || {org}, 0))", stop);

    /// <summary>All jobs whose runs may change, in the order in which groups of runs lock them.</summary>
    static async Task LockJobs(SchedulerDb db, NpgsqlConnection connection, string org, IReadOnlyList<ResourceWrite> writes, CancellationToken stop)
    {
        var components = writes.OfType<ComponentWrite>().Select(x => x.Uri.Id).ToArray();
        var users = await Living(db, org).Where(x => components.Contains(x.ComponentId!)).Select(x => x.Name).ToListAsync(stop);
        await JobRegistry.LockLoads(connection, org, [.. users, .. writes.OfType<DefinitionWrite>().Select(x => x.Uri.Id)], stop);
    }

    async Task<WriteOutcome> Write(SchedulerDb db, string org, ComponentWrite write, CancellationToken stop)
    {
        var row = await db.Components.AsTracking().FirstOrDefaultAsync(x => x.OrgId == org && x.Id == write.Uri.Id, stop);
        if (row is not null && row.FunctionName == write.FunctionName && row.CodeFile == write.Spec.CodeFile && row.CodeSha256 == write.CodeSha256)
            return WriteOutcome.Unchanged;
        var outcome = row is null ? WriteOutcome.Created : WriteOutcome.Changed;
        if (row is null)
            db.Components.Add(row = new() { OrgId = org, Id = write.Uri.Id, FunctionName = "", CreatedAt = Now });
        (row.FunctionName, row.CodeFile, row.CodeSha256, row.UpdatedAt) = (write.FunctionName, write.Spec.CodeFile, write.CodeSha256, Now);
        return outcome;
    }

    /// <summary>Null where the name is that of another job.</summary>
    async Task<WriteOutcome?> Write(SchedulerDb db, NpgsqlConnection connection, string org, DefinitionWrite write, CancellationToken stop)
    {
        var row = await db.Jobs.AsTracking().FirstOrDefaultAsync(x => x.OrgId == org && x.Name == write.Uri.Id, stop);
        if (row is { DeletedAt: null, ComponentId: null })
            return null;
        var handler = await db.Components.Where(x => x.OrgId == org && x.Id == write.ComponentId).Select(x => x.FunctionName).FirstOrDefaultAsync(stop) ?? write.ComponentId;
        if (row is { DeletedAt: null })
        {
            if (row.ComponentId == write.ComponentId && row.Handler == handler)
                return WriteOutcome.Unchanged;
            (row.ComponentId, row.Handler, row.UpdatedAt) = (write.ComponentId, handler, Now);
            await Rehandle(connection, org, row.Name, handler, stop);
            return WriteOutcome.Changed;
        }

        var made = JobRow.Of(new()
        {
            OrgId = org,
            Name = write.Uri.Id,
            Handler = handler,
            ComponentId = write.ComponentId,
            Retry = RetryPolicy.Default(options.DefaultMaxAttempts),
            TimeoutMs = (long)options.DefaultTimeout.TotalMilliseconds,
            MaxConcurrency = options.DefaultMaxConcurrency,
            RetentionDays = options.RetentionDays,
            CreatedAt = Now,
            UpdatedAt = Now,
        });
        if (row is null)
            db.Jobs.Add(made);
        else
            db.Entry(row).CurrentValues.SetValues(made);
        await Rehandle(connection, org, made.Name, handler, stop);
        return WriteOutcome.Created;
    }

    /// <summary>The definitions of these components run what they are now.</summary>
    async Task Follow(SchedulerDb db, NpgsqlConnection connection, string org, string[] components, CancellationToken stop)
    {
        if (components.Length == 0)
            return;
        var functions = await db.Components.Where(x => x.OrgId == org && components.Contains(x.Id)).ToDictionaryAsync(x => x.Id, x => x.FunctionName, stop);
        foreach (var job in await Living(db, org).AsTracking().Where(x => components.Contains(x.ComponentId!)).OrderBy(x => x.Name).ToListAsync(stop))
            if (functions[job.ComponentId!] is var function && job.Handler != function)
            {
                (job.Handler, job.UpdatedAt) = (function, Now);
                await Rehandle(connection, org, job.Name, function, stop);
            }
    }

    /// <summary>A job runs its component as it is when the job is due.</summary>
    static async Task Rehandle(NpgsqlConnection connection, string org, string job, string handler, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("update run set handler = $3 where org_id = $1 and job = $2 and status = 'pending' and started_at is null and handler <> $3", connection)
        { Parameters = { new() { Value = org }, new() { Value = job }, new() { Value = handler } } };
        await command.ExecuteNonQueryAsync(stop);
    }

    DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
