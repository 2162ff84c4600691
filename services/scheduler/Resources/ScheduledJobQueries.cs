using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>Finds the jobs of definitions among all runs, those of deleted definitions included.</summary>
public sealed class ScheduledJobQueries(ServiceDatabase database, JobRegistry registry, RunQueries runs)
{
    /// <summary>Newest first. Each definition's newest are looked up by themselves: it is no matter how many runs other jobs have.</summary>
    public Task<List<RunListRow>> List(string org, string? definition, string[]? statuses, RunId? before, int most, CancellationToken stop) => registry.Read(org, db =>
        db.Runs.FromSqlRaw(
            """
            select r.* from job d
            cross join lateral (
              select x.* from run x
              where x.org_id = d.org_id and x.job = d.name and (@before is null or x.id < @before) and (@statuses is null or x.status = any(@statuses))
              order by x.id desc limit @most) r
            where d.org_id = @org and d.component_id is not null and (@definition is null or d.name = @definition)
            order by r.id desc limit @most
            """,
            new NpgsqlParameter("org", org), new NpgsqlParameter("definition", NpgsqlDbType.Text) { Value = definition ?? (object)DBNull.Value },
            new NpgsqlParameter("statuses", NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = statuses ?? (object)DBNull.Value },
            new NpgsqlParameter("before", NpgsqlDbType.Uuid) { Value = before?.Value ?? (object)DBNull.Value }, new NpgsqlParameter("most", most)).ToListAsync(stop), stop);

    public async Task<Run?> Find(string org, RunId id, CancellationToken stop) => await runs.Find(org, id, stop) is { } run && await IsOfDefinition(org, run.Job, stop) ? run : null;

    Task<bool> IsOfDefinition(string org, string job, CancellationToken stop) => database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand("select exists (select from job where org_id = $1 and name = $2 and component_id is not null)", connection)
        { Parameters = { new() { Value = org }, new() { Value = job } } };
        return (bool)(await command.ExecuteScalarAsync(stop))!;
    }, stop);
}

/// <summary>Cancels a run that has not begun, and no other.</summary>
public sealed class CancelPending(JobKey job, RunKey run) : RunItem(job, run)
{
    /// <summary>The run as it is after that; null when there is none.</summary>
    public Run? After { get; private set; }

    /// <summary>Whether it was this that has ended it.</summary>
    public bool Ended { get; private set; }

    public override async Task Take(RunSession session, RunStateMachine machine)
    {
        Ended = session.Find(Run) is { Status: RunStatus.Pending };
        if (Ended)
            await session.Raise(machine.Cancel, new CancelRun(Run.OrgId, Run.Id, Job.Name), Run, Job);
        After = session.Find(Run);
    }
}
