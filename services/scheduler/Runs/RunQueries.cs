using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler.Committing;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>Which runs are meant; what is null does not narrow.</summary>
public sealed record RunFilter
{
    public string? Job { get; init; }
    public IReadOnlyList<string>? Statuses { get; init; }
    public string? Trigger { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }

    /// <summary>Payloads that contain this: the same fields with the same values, at any depth of the given ones.</summary>
    public RawJson? Data { get; init; }

    /// <summary>Older than this run, for paging.</summary>
    public RunId? Before { get; init; }
}

public sealed class RunQueries(ServiceDatabase database)
{
    /// <summary>Newest first.</summary>
    public Task<List<RunListRow>> List(string orgId, RunFilter filter, int most, CancellationToken stop) =>
        database.Read<SchedulerDb, List<RunListRow>>(orgId, options => new SchedulerDb(options), db => Where(db, orgId, filter).OrderByDescending(run => run.Id).Take(most).ToListAsync(stop), stop);

    public Task<Run?> Find(string orgId, RunId id, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand($"select {RunRow.Columns} from run where org_id = $1 and id = $2", connection)
        { Parameters = { new() { Value = orgId }, new() { Value = id.Value } } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await reader.ReadAsync(stop) ? RunRow.Read(reader) : null;
    }, stop);

    static IQueryable<RunListRow> Where(SchedulerDb db, string orgId, RunFilter filter)
    {
        var runs = filter.Data is { } data
            // A payload may hold what jsonb cannot, such as \u0000: such a one holds itself and nothing else.
            ? db.Runs.FromSqlRaw("select * from run where as_jsonb(payload) @> as_jsonb({0})", data.ToString())
            : db.Runs;
        runs = runs.Where(run => run.OrgId == orgId);
        if (filter.Job is { } job)
            runs = runs.Where(run => run.Job == job);
        if (filter.Statuses is { } statuses)
            runs = runs.Where(run => statuses.Contains(run.Status));
        if (filter.Trigger is { } trigger)
            runs = runs.Where(run => run.TriggerKind == trigger);
        if (filter.Since is { } since)
            runs = runs.Where(run => run.CreatedAt >= since);
        if (filter.Until is { } until)
            runs = runs.Where(run => run.CreatedAt < until);
        if (filter.Before is { } before)
            runs = runs.Where(run => run.Id.CompareTo(before.Value) < 0);
        return runs;
    }
}
