using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Database;

/// <summary>The end of a group's transaction: write and commit. Statements without rows are left out.</summary>
static class AttemptWrites
{
    // By ctid, as the rows are locked by the group's first statement and stay where they are.
    const string Free =
        """
        delete from lease where ctid = any(array(
          select l.ctid from unnest($1::text[], $2::uuid[], $3::int[]) as k(org, run, epoch)
          cross join lateral (select x.ctid from lease x where x.org_id = k.org and x.run_id = k.run and x.epoch <= k.epoch offset 0) l))
        """;

    // Whoever inserts gives way to a newer epoch: two executors may claim one run at once.
    const string Claim =
        """
        insert into lease (org_id, run_id, epoch, attempt, job, handler, instance, worker, claimed_at, deadline)
        select * from unnest($1::text[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::timestamptz[], $10::timestamptz[])
        on conflict (org_id, run_id) do update set epoch = excluded.epoch, attempt = excluded.attempt, job = excluded.job, handler = excluded.handler,
          instance = excluded.instance, worker = excluded.worker, claimed_at = excluded.claimed_at, deadline = excluded.deadline
        where lease.epoch < excluded.epoch
        """;

    const string Journal =
        """
        insert into checkpoint (org_id, run_id, key, epoch, attempt, output, state, due_at, started_at, duration_ms, topics)
        select org_id, run_id, key, epoch, attempt, output, state, due_at, started_at, duration_ms, topics
        from unnest($1::text[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::text[])
          with ordinality as n(org_id, run_id, key, epoch, attempt, output, state, due_at, started_at, duration_ms, topics, place)
        order by place
        on conflict (org_id, run_id, key) do nothing
        """;

    const string End =
        """
        insert into attempt (org_id, run_id, epoch, number, job, worker, started_at, ended_at, outcome, error, result, waits, fatal, retry_after_ms)
        select * from unnest($1::text[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[],
          $11::text[], $12::text[], $13::boolean[], $14::bigint[])
        on conflict (org_id, run_id, epoch) do nothing
        """;

    const string Send =
        """
        insert into outbox (org_id, id, queue, body, expires_at, created_at)
        select n.*, $6::timestamptz from unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[], $5::timestamptz[]) as n
        on conflict (org_id, id) do nothing
        """;

    // By ctid, as messages never change.
    const string Sent =
        """
        delete from outbox where ctid = any(array(
          select o.ctid from unnest($1::text[], $2::uuid[]) as k(org, id)
          cross join lateral (select x.ctid from outbox x where x.org_id = k.org and x.id = k.id offset 0) o))
        """;

    public static void Add(NpgsqlBatch batch, AttemptChanges changes)
    {
        var commands = batch.BatchCommands;
        if (changes.Freed is { Count: > 0 } freed)
            commands.Add(Statement(Free, Text(freed, x => x.Key.OrgId), Ids(freed, x => x.Key.Run.Value), Ints(freed, x => x.Epoch)));
        if (changes.Claimed is { Count: > 0 } claimed)
            commands.Add(Statement(Claim,
                Text(claimed, x => x.Key.OrgId), Ids(claimed, x => x.Key.Run.Value), Ints(claimed, x => x.Epoch), Ints(claimed, x => x.Attempt), Text(claimed, x => x.Job),
                Text(claimed, x => x.Handler), Ids(claimed, x => x.Instance), Text(claimed, x => x.Worker), Times(claimed, x => x.ClaimedAt), Times(claimed, x => x.Deadline)));
        if (changes.Entries is { Count: > 0 } entries)
            commands.Add(Statement(Journal,
                Text(entries, x => x.Key.OrgId), Ids(entries, x => x.Key.Run.Value), Text(entries, x => x.Entry.Key), Ints(entries, x => x.Entry.Epoch), Ints(entries, x => x.Entry.Attempt),
                Text(entries, x => x.Entry.Output.ToString()), Text(entries, x => x.Entry.State?.ToString()), Times(entries, x => x.Entry.DueAt), Times(entries, x => x.Entry.StartedAt),
                Longs(entries, x => x.Entry.DurationMs), Text(entries, x => ToJson(x.Entry.Topics))));
        if (changes.Ended is { Count: > 0 } ended)
            commands.Add(Statement(End,
                Text(ended, x => x.Key.OrgId), Ids(ended, x => x.Key.Run.Value), Ints(ended, x => x.Epoch), Ints(ended, x => x.Number), Text(ended, x => x.Job), Text(ended, x => x.Worker),
                Times(ended, x => x.StartedAt), Times(ended, x => x.EndedAt), Text(ended, x => x.Ending.Outcome), Text(ended, x => ToJson(x.Ending.Error)),
                Text(ended, x => x.Ending.Result.IsNull ? null : x.Ending.Result.ToString()), Text(ended, x => ToJson(x.Waits)), Flags(ended, x => x.Ending.Fatal),
                Longs(ended, x => x.Ending.RetryAfterMs)));
        if (changes.Outbox is { Count: > 0 } outbox)
            commands.Add(Statement(Send,
                Text(outbox, x => x.OrgId), Ids(outbox, x => x.Id), Text(outbox, x => x.Queue), Bytes(outbox, x => x.Body), Times(outbox, x => x.ExpiresAt),
                One(changes.At.UtcDateTime, NpgsqlDbType.TimestampTz)));
        if (changes.Confirmed is { Count: > 0 } confirmed)
            commands.Add(Statement(Sent, Text(confirmed, x => x.OrgId), Ids(confirmed, x => x.Id)));
        commands.Add(new(ServiceDatabase.Commit));
    }
}
