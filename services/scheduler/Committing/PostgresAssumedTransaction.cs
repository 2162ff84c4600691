using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// One group's transaction in one round trip: the rows are locked in the order that every group keeps, compared with what was assumed, and
/// written. Comparing costs what reading would; what it saves is the way there and back.
/// </summary>
sealed class PostgresAssumedTransaction(ServiceDatabase database, RunKeys keys, KnownRows known) : IRunTransaction
{
    public IReadOnlyDictionary<JobKey, JobLoad> Loads { get; } = known.Loads.ToDictionary(x => x.Key, x => x.Value.Copy());
    public IReadOnlyDictionary<RunKey, Run> Runs => known.Runs;
    public IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency { get; } = new Dictionary<IdempotencyKey, IdempotencyRecord>();
    public IReadOnlyList<Run> Waiting => [];

    public async Task Commit(RunChanges changes)
    {
        await using var connection = database.ForGroup();
        try
        {
            await connection.Finish(open => Write(open, changes));
        }
        catch (PostgresException exception) when (exception.SqlState is StaleRead.OtherState or StaleRead.ThereState or PostgresErrorCodes.UniqueViolation)
        {
            throw new StaleRead(exception.SqlState != StaleRead.OtherState, exception);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async Task Write(NpgsqlConnection open, RunChanges changes)
    {
        await using var batch = new NpgsqlBatch(open);
        var build = new BatchBuilder(batch);
        build.Statement(ServiceDatabase.Begin);
        build.Statement(ServiceDatabase.SetOrgs).Text(keys.Orgs, org => org);
        Compare(build, changes);
        if (changes.IsEmpty)
            build.Statement("rollback");
        else
            RunWrites.Add(build, changes);
        await batch.ExecuteNonQueryAsync();
    }

    void Compare(BatchBuilder build, RunChanges changes)
    {
        var loads = known.Loads.OrderBy(x => x.Key).ToArray();
        if (loads.Length > 0)
            build.Statement(LoadsSql).Text(loads, x => x.Key.OrgId).Text(loads, x => x.Key.Name).Int(loads, x => x.Value.Due).Int(loads, x => x.Value.Running)
                .MaybeRevision(loads, x => x.Value.Job is null ? null : x.Value.Revision);
        var runs = known.Runs.OrderBy(x => x.Key).ToArray();
        if (runs.Length > 0)
            build.Statement(RunsSql).Text(runs, x => x.Key.OrgId).Uuid(runs, x => x.Key.Id.Value).Text(runs, x => x.Value.Status).Int(runs, x => x.Value.Epoch);
        // One that is inserted meets its primary key.
        var inserted = changes.Inserted.Select(run => new RunKey(run.OrgId, run.Id)).ToHashSet();
        var absent = keys.Runs.Where(key => !known.Runs.ContainsKey(key) && !inserted.Contains(key)).ToArray();
        if (absent.Length > 0)
            build.Statement(AbsentSql).Text(absent, key => key.OrgId).Uuid(absent, key => key.Id.Value);
        if (keys.Idempotency.Count > 0)
            build.Statement(IdempotencySql).Text(keys.Idempotency, key => key.OrgId).Text(keys.Idempotency, key => key.Job).Text(keys.Idempotency, key => key.Key);
    }

    const string LoadsSql =
        $"""
        select stale_read('{StaleRead.OtherState}') from unnest($1, $2, $3, $4, $5) k(org_id, job, due, running, revision)
        left join lateral (select x.due, x.running from job_load x where x.org_id = k.org_id and x.job = k.job for update) l on true
        left join lateral (select x.xmin as revision from job x where x.org_id = k.org_id and x.name = k.job and x.deleted_at is null offset 0) j on true
        where l.due is distinct from k.due or l.running is distinct from k.running or j.revision is distinct from k.revision
        """;

    const string RunsSql =
        $"""
        select stale_read('{StaleRead.OtherState}') from unnest($1, $2, $3, $4) k(org_id, id, status, epoch)
        left join lateral (select x.status, x.epoch from run x where x.org_id = k.org_id and x.id = k.id for update) r on true
        where r.status is distinct from k.status or r.epoch is distinct from k.epoch
        """;

    const string AbsentSql =
        $"""
        select stale_read('{StaleRead.ThereState}') from unnest($1, $2) k(org_id, id)
        cross join lateral (select from run x where x.org_id = k.org_id and x.id = k.id offset 0) r
        """;

    const string IdempotencySql =
        $"""
        select stale_read('{StaleRead.ThereState}') from unnest($1, $2, $3) k(org_id, job, key)
        cross join lateral (select from idempotency x where x.org_id = k.org_id and x.job = k.job and x.key = k.key offset 0) i
        """;
}
