using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>One group's transaction in two round trips: everything it reads in the first, everything it writes in the second.</summary>
sealed class PostgresRunTransaction(BoundedConnection connection) : IRunTransaction
{
    readonly Dictionary<JobKey, JobLoad> loads = [];
    readonly Dictionary<RunKey, Run> runs = [];
    readonly Dictionary<IdempotencyKey, IdempotencyRecord> idempotency = [];
    readonly List<Run> waiting = [];
    bool positioned;

    public IReadOnlyDictionary<JobKey, JobLoad> Loads => loads;
    public IReadOnlyDictionary<RunKey, Run> Runs => runs;
    public IReadOnlyDictionary<IdempotencyKey, IdempotencyRecord> Idempotency => idempotency;
    public IReadOnlyList<Run> Waiting => waiting;

    public Task Load(RunKeys keys) => connection.Do(open => Load(open, keys));

    public Task Commit(RunChanges changes) => connection.Finish(async open =>
    {
        await using var batch = new NpgsqlBatch(open);
        RunWrites.Add(new BatchBuilder(batch), changes);
        await batch.ExecuteNonQueryAsync();
    });

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    async Task Load(NpgsqlConnection open, RunKeys keys)
    {
        await using var batch = new NpgsqlBatch(open);
        var build = new BatchBuilder(batch);
        build.Statement(ServiceDatabase.Begin);
        build.Statement(ServiceDatabase.SetOrgs).Text(keys.Orgs, org => org);
        var (jobs, locked) = (keys.Jobs.Order().ToArray(), keys.Runs.Order().ToArray());
        if (jobs.Length > 0)
            build.Statement(LoadsSql).Text(jobs, key => key.OrgId).Text(jobs, key => key.Name);
        if (locked.Length > 0)
            build.Statement(RunsSql).Text(locked, key => key.OrgId).Uuid(locked, key => key.Id.Value);
        if (keys.Idempotency.Count > 0)
            build.Statement(IdempotencySql).Text(keys.Idempotency, key => key.OrgId).Text(keys.Idempotency, key => key.Job).Text(keys.Idempotency, key => key.Key);
        if (keys.Picks.Count > 0)
            build.Statement(WaitingSql).Text(keys.Picks, pick => pick.Job.OrgId).Text(keys.Picks, pick => pick.Job.Name).Int(keys.Picks, pick => pick.Part)
                .Int(keys.Picks, pick => pick.Most).Int(keys.Picks, pick => pick.Line).Int(keys.Picks, pick => pick.Places).Int(keys.Picks, pick => pick.Running)
                .Int(keys.Picks, pick => pick.Room);

        await using var reader = await batch.ExecuteReaderAsync();
        if (keys.Jobs.Count > 0)
            await Each(reader, ReadLoad);
        if (keys.Runs.Count > 0)
            await Each(reader, row => { var run = RunRow.Read(row); runs.Add(new(run.OrgId, run.Id), run); });
        if (keys.Idempotency.Count > 0)
            await Each(reader, row => idempotency.Add(
                new(row.GetString(0), row.GetString(1), row.GetString(2)), new(new RunId(row.GetGuid(3)), (byte[])row.GetValue(4), RunRow.Time(row, 5)!.Value)));
        if (keys.Picks.Count > 0)
            await Each(reader, row => waiting.Add(RunRow.Read(row)));
    }

    async Task Each(NpgsqlDataReader reader, Action<NpgsqlDataReader> read)
    {
        // The first statements of the batch (begin, the orgs) give results of their own, which are passed over here.
        if (!positioned)
        {
            positioned = true;
            await reader.NextResultAsync();
        }

        while (await reader.ReadAsync())
            read(reader);
        await reader.NextResultAsync();
    }

    void ReadLoad(NpgsqlDataReader row)
    {
        var key = new JobKey(row.GetString(0), row.GetString(1));
        var isDeleted = !row.IsDBNull(16);
        var job = row.IsDBNull(4) || isDeleted ? null : new Job
        {
            OrgId = key.OrgId,
            Name = key.Name,
            Handler = row.GetString(4),
            Retry = new RetryPolicy(row.GetInt32(5), row.GetString(6), row.GetInt64(7), row.GetInt64(8), row.GetDouble(9), row.GetDouble(10)),
            TimeoutMs = row.GetInt64(11),
            MaxConcurrency = row.GetInt32(12),
            Paused = row.GetBoolean(13),
            RetentionDays = row.GetInt32(14),
            ComponentId = row.IsDBNull(17) ? null : row.GetString(17),
        };
        loads.Add(key, new JobLoad(job, row.GetInt32(2), row.GetInt32(3), job is null ? 0 : row.GetFieldValue<uint>(15))
        {
            IsDeletedDefinition = isDeleted && !row.IsDBNull(17),
        });
    }

    // A plan made while a table is empty reads the whole of it long after it is large. So every statement probes key by key, by a lateral
    // subquery that cannot be turned round; the keys come sorted, which is the order of the locks.
    const string LoadsSql =
        """
        select l.org_id, l.job, l.due, l.running, j.handler, j.max_attempts, j.backoff, j.backoff_initial_ms, j.backoff_max_ms, j.backoff_multiplier,
               j.backoff_jitter, j.timeout_ms, j.max_concurrency, j.paused, j.retention_days, j.revision, j.deleted_at, j.component_id
        from unnest($1, $2) k(org_id, job)
        cross join lateral (select * from job_load x where x.org_id = k.org_id and x.job = k.job for update) l
        left join lateral (select *, x.xmin as revision from job x where x.org_id = k.org_id and x.name = k.job offset 0) j on true
        """;

    static readonly string RunsSql =
        $"""
        select {RunRow.Prefixed("r")}
        from unnest($1, $2) k(org_id, id)
        cross join lateral (select * from run x where x.org_id = k.org_id and x.id = k.id for update) r
        """;

    const string IdempotencySql =
        """
        select i.org_id, i.job, i.key, i.run_id, i.fingerprint, i.expires_at
        from unnest($1, $2, $3) k(org_id, job, key)
        cross join lateral (select * from idempotency x where x.org_id = k.org_id and x.job = k.job and x.key = k.key offset 0) i
        """;

    // Whole rows are read and locked only of those that are chosen: with many jobs in line for few places, these are few of those that wait.
    // Who goes first is decided by fair turns over what is given here; this only leaves out what cannot have its turn.
    static readonly string WaitingSql =
        $"""
        with k as materialized (select * from unnest($1, $2, $3, $4, $5, $6, $7, $8) k(org_id, job, part, most, line, places, running, room)),
        part as materialized (
          select k.line, k.places, k.job, r.*, r.nth > k.room as beyond, k.running + r.nth as turn from k cross join lateral (
            select run.org_id, run.id, run.priority, run.queued_at, row_number() over (order by run.queued_at, run.id) as nth from run
            where run.org_id = k.org_id and run.job = k.job and run.status = 'pending' and run.due
            order by run.queued_at, run.id
            limit k.part) r),
        line as materialized (select line, min(priority) as lowest, max(priority) as highest, max(queued_at) as last from part group by line),
        chosen as (
          select org_id, id from (select *, row_number() over (partition by line order by beyond, turn, queued_at, id) as place from part) p
          where place <= places or exists (select from line where line.line = p.line and lowest < highest)
          union
          select r.* from k join line on line.line = k.line and lowest < highest cross join lateral (
            select run.org_id, run.id from run
            where run.org_id = k.org_id and run.job = k.job and run.status = 'pending' and run.due and run.queued_at < line.last
            order by run.queued_at, run.id
            limit k.most) r
          where exists (select from part where part.org_id = k.org_id and part.job = k.job and part.priority > lowest))
        select {RunRow.Prefixed("r")}
        from chosen c
        cross join lateral (select * from run x where x.org_id = c.org_id and x.id = c.id and x.status = 'pending' and x.due for update skip locked) r
        order by r.queued_at, r.id
        """;
}
