using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// The statements that write a group's changes, each there only when it has rows. Rows are found key by key and written by ctid, which
/// holds as the group has locked them.
/// </summary>
static class RunWrites
{
    public static void Add(BatchBuilder batch, RunChanges changes)
    {
        if (changes.Inserted.Count > 0)
            Insert(batch, changes);
        if (changes.Updated.Count > 0)
            Update(batch, changes);
        if (changes.Loads.Count > 0)
            batch.Statement(
                """
                update job_load l set due = v.due, running = v.running
                from (select u.*, x.ctid as at from unnest($1, $2, $3, $4) u(org_id, job, due, running)
                      cross join lateral (select y.ctid from job_load y where y.org_id = u.org_id and y.job = u.job offset 0) x) v
                where l.ctid = v.at
                """)
                .Text(changes.Loads, x => x.Job.OrgId).Text(changes.Loads, x => x.Job.Name).Int(changes.Loads, x => x.Due).Int(changes.Loads, x => x.Running);
        if (changes.Idempotency.Count > 0)
            // A key that is there still is an expired one: its reader has looked.
            batch.Statement(
                """
                insert into idempotency (org_id, job, key, run_id, fingerprint, expires_at) select * from unnest($1, $2, $3, $4, $5, $6)
                on conflict (org_id, job, key) do update set run_id = excluded.run_id, fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
                """)
                .Text(changes.Idempotency, x => x.Key.OrgId).Text(changes.Idempotency, x => x.Key.Job).Text(changes.Idempotency, x => x.Key.Key)
                .Uuid(changes.Idempotency, x => x.Record.RunId.Value).Bytes(changes.Idempotency, x => x.Record.Fingerprint).Time(changes.Idempotency, x => x.Record.ExpiresAt);
        Timers(batch, changes);
        if (changes.DeadLetters.Count > 0)
            batch.Statement("insert into dead_letter (org_id, id, job, run_id, error, attempts, created_at) select * from unnest($1, $2, $3, $4, $5, $6, $7)")
                .Text(changes.DeadLetters, x => x.OrgId).Text(changes.DeadLetters, x => x.Id).Text(changes.DeadLetters, x => x.Job).Uuid(changes.DeadLetters, x => x.RunId.Value)
                .Text(changes.DeadLetters, x => RunRow.Text(x.Error)).Int(changes.DeadLetters, x => x.Attempts).Time(changes.DeadLetters, x => x.CreatedAt);
        Outbox(batch, changes);
        batch.Statement(ServiceDatabase.Commit);
    }

    static void Insert(BatchBuilder batch, RunChanges changes)
    {
        var runs = changes.Inserted;
        batch.Statement($"insert into run ({RunRow.Columns}) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)")
            .Text(runs, x => x.OrgId).Uuid(runs, x => x.CorrelationId).Text(runs, x => x.Job).Text(runs, x => x.Handler).Text(runs, x => x.Status)
            .Int(runs, x => x.Epoch).Int(runs, x => x.Attempt).Int(runs, x => x.MaxAttempts).Int(runs, x => x.Losses).Short(runs, x => x.Priority)
            .Long(runs, x => x.TimeoutMs).Text(runs, x => x.Trigger.Kind).Text(runs, x => x.Trigger.Id)
            .Text(runs, x => x.Trigger.Detail.IsNull ? null : x.Trigger.Detail.ToString())
            .Text(runs, x => x.Payload.ToString()).Text(runs, x => x.Result?.ToString()).Text(runs, x => RunRow.Text(x.Error))
            .Time(runs, x => x.CreatedAt).Time(runs, x => x.RunAt).Bool(runs, x => x.Due).Time(runs, x => x.QueuedAt)
            .MaybeTime(runs, x => x.WakeAt).MaybeTime(runs, x => x.StartedAt).MaybeTime(runs, x => x.CompletedAt)
            .MaybeUuid(runs, x => x.Executor).MaybeTime(runs, x => x.DispatchedAt).MaybeUuid(runs, x => x.RetryOf?.Value).Bool(runs, x => x.SharesCheckpoints);
    }

    static void Update(BatchBuilder batch, RunChanges changes)
    {
        var runs = changes.Updated;
        batch.Statement(
            """
            update run r set status = v.status, epoch = v.epoch, attempt = v.attempt, losses = v.losses, result = v.result, error = v.error, due = v.due,
              queued_at = v.queued_at, wake_at = v.wake_at, started_at = v.started_at, completed_at = v.completed_at, executor = v.executor, dispatched_at = v.dispatched_at
            from (
              select u.*, x.ctid as at
              from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                u(org_id, id, status, epoch, attempt, losses, result, error, due, queued_at, wake_at, started_at, completed_at, executor, dispatched_at)
              cross join lateral (select y.ctid from run y where y.org_id = u.org_id and y.id = u.id offset 0) x) v
            where r.ctid = v.at
            """)
            .Text(runs, x => x.OrgId).Uuid(runs, x => x.CorrelationId).Text(runs, x => x.Status).Int(runs, x => x.Epoch).Int(runs, x => x.Attempt)
            .Int(runs, x => x.Losses).Text(runs, x => x.Result?.ToString()).Text(runs, x => RunRow.Text(x.Error)).Bool(runs, x => x.Due)
            .Time(runs, x => x.QueuedAt).MaybeTime(runs, x => x.WakeAt).MaybeTime(runs, x => x.StartedAt).MaybeTime(runs, x => x.CompletedAt)
            .MaybeUuid(runs, x => x.Executor).MaybeTime(runs, x => x.DispatchedAt);
    }

    static void Timers(BatchBuilder batch, RunChanges changes)
    {
        if (changes.TimersCleared.Count > 0)
            batch.Statement(
                """
                delete from timer where ctid = any(array(
                  select x.ctid from unnest($1, $2) u(org_id, run_id)
                  cross join lateral (select y.ctid from timer y where y.org_id = u.org_id and y.run_id = u.run_id for update) x))
                """)
                .Text(changes.TimersCleared, x => x.OrgId).Uuid(changes.TimersCleared, x => x.Id.Value);
        if (changes.TimersSet.Count > 0)
            batch.Statement(
                """
                insert into timer (org_id, run_id, job, shard, due_at, epoch) select * from unnest($1, $2, $3, $4, $5, $6)
                on conflict (org_id, run_id) do update set shard = excluded.shard, due_at = excluded.due_at, epoch = excluded.epoch
                """)
                .Text(changes.TimersSet, x => x.OrgId).Uuid(changes.TimersSet, x => x.RunId.Value).Text(changes.TimersSet, x => x.Job)
                .Short(changes.TimersSet, x => x.Shard).Time(changes.TimersSet, x => x.DueAt).Int(changes.TimersSet, x => x.Epoch);
    }

    static void Outbox(BatchBuilder batch, RunChanges changes)
    {
        if (changes.Outbox.Count > 0)
            batch.Statement("insert into outbox (org_id, id, queue, body, expires_at, created_at) select *, clock_timestamp() from unnest($1, $2, $3, $4, $5)")
                .Text(changes.Outbox, x => x.OrgId).Uuid(changes.Outbox, x => x.Id).Text(changes.Outbox, x => x.Queue)
                .Bytes(changes.Outbox, x => x.Body).MaybeTime(changes.Outbox, x => x.ExpiresAt);
        if (changes.Confirmed.Count > 0)
            batch.Statement(
                """
                delete from outbox where ctid = any(array(
                  select x.ctid from unnest($1, $2) u(org_id, id)
                  cross join lateral (select y.ctid from outbox y where y.org_id = u.org_id and y.id = u.id offset 0) x))
                """)
                .Text(changes.Confirmed, x => x.OrgId).Uuid(changes.Confirmed, x => x.Id);
    }
}
