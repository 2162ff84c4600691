using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Jobs;

public enum Registration
{
    Created,
    Updated,
    Unchanged,
}

/// <summary>Keeps the jobs of each org.</summary>
public sealed class JobRegistry(ServiceDatabase database)
{
    public Task<IReadOnlyList<Job>> List(string orgId, string? after, int most, CancellationToken stop) => Read<IReadOnlyList<Job>>(orgId, async db =>
    {
        var jobs = db.Jobs.Where(job => job.OrgId == orgId && job.DeletedAt == null);
        if (after is not null)
            jobs = jobs.Where(job => string.Compare(job.Name, after) > 0);
        return [.. (await jobs.OrderBy(job => job.Name).Take(most).ToListAsync(stop)).Select(row => row.ToJob())];
    }, stop);

    public Task<Job?> Find(string orgId, string name, CancellationToken stop) => Read(orgId, async db =>
        (await db.Jobs.FirstOrDefaultAsync(job => job.OrgId == orgId && job.Name == name && job.DeletedAt == null, stop))?.ToJob(), stop);

    /// <summary>Registers jobs, all or none. With <paramref name="mayUpdate"/> false a job that is there and different is left alone and given back.</summary>
    public Task<IReadOnlyList<(Job Job, Registration Outcome)>> Register(string orgId, IReadOnlyList<Job> jobs, bool mayUpdate, CancellationToken stop) =>
        Write<IReadOnlyList<(Job, Registration)>>(orgId, async (db, connection) =>
        {
            var names = jobs.Select(job => job.Name).ToArray();
            var rows = await db.Jobs.AsTracking().Where(row => row.OrgId == orgId && names.Contains(row.Name)).ToDictionaryAsync(row => row.Name, stop);
            var outcomes = new List<(Job, Registration)>();
            foreach (var job in jobs)
            {
                var existing = rows.GetValueOrDefault(job.Name);
                var isThere = existing is { DeletedAt: null };
                if (isThere && (existing!.ToJob().IsSameAs(job) || !mayUpdate))
                {
                    outcomes.Add((existing!.ToJob(), existing.ToJob().IsSameAs(job) ? Registration.Unchanged : Registration.Updated));
                    continue;
                }

                if (isThere && existing!.ComponentId is not null && job.ComponentId is null)
                    throw new ProblemException(new(409, "job_exists", $"\"{job.Name}\" is a job definition: change it under /resources/job-definitions."));
                var kept = isThere ? job with { CreatedAt = existing!.CreatedAt } : job;
                if (existing is null)
                    db.Jobs.Add(JobRow.Of(kept));
                else
                    db.Entry(existing).CurrentValues.SetValues(JobRow.Of(kept));
                outcomes.Add((kept, isThere ? Registration.Updated : Registration.Created));
            }

            await db.SaveChangesAsync(stop);
            await EnsureLoads(connection, orgId, names, stop);
            return outcomes;
        }, stop);

    public Task<bool> Delete(string orgId, string name, DateTimeOffset now, CancellationToken stop) => Write(orgId, async (db, _) =>
    {
        await db.Triggers.Where(trigger => trigger.OrgId == orgId && trigger.Job == name).ExecuteDeleteAsync(stop);
        return await db.Jobs.Where(job => job.OrgId == orgId && job.Name == name && job.DeletedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(job => job.DeletedAt, now), stop) > 0;
    }, stop);

    /// <summary>Keeps a job's runs from changing until the transaction ends; everything that changes one has its counters locked.</summary>
    internal static async Task LockLoads(NpgsqlConnection connection, string orgId, string[] names, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("select from job_load where org_id = $1 and job = any($2) order by job collate \"C\" for update", connection)
        { Parameters = { new() { Value = orgId }, new() { Value = names } } };
        await command.ExecuteNonQueryAsync(stop);
    }

    public Task<T> Read<T>(string orgId, Func<SchedulerDb, Task<T>> query, CancellationToken stop) =>
        database.Read<SchedulerDb, T>(orgId, options => new SchedulerDb(options), query, stop);

    public Task<T> Write<T>(string orgId, Func<SchedulerDb, NpgsqlConnection, Task<T>> change, CancellationToken stop) =>
        database.Read<SchedulerDb, T>(orgId, options => new SchedulerDb(options), db => change(db, (NpgsqlConnection)db.Database.GetDbConnection()), stop);

    // The counters' rows are there before the first run: a group only ever updates them.
    internal static async Task EnsureLoads(NpgsqlConnection connection, string orgId, string[] names, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            "insert into job_load (org_id, job) select $1, name from unnest($2) name order by name on conflict do nothing", connection)
        { Parameters = { new() { Value = orgId }, new() { Value = names.Append("").ToArray() } } };
        await command.ExecuteNonQueryAsync(stop);
    }
}
