using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler.Timers;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>The store in PostgreSQL. Groups write as the service's role, bound to their orgs; the reads that find what has stalled see all orgs and write nothing.</summary>
public sealed class PostgresRunStore(ServiceDatabase database) : IRunStore
{
    public async Task<IRunTransaction> Open(RunKeys keys)
    {
        var transaction = new PostgresRunTransaction(database.ForGroup());
        try
        {
            await transaction.Load(keys);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }

    public IRunTransaction Assume(RunKeys keys, KnownRows known) => new PostgresAssumedTransaction(database, keys, known);

    public Task<IReadOnlyList<RunTimer>> ReadTimers(IReadOnlyCollection<short> shards, DateTimeOffset before, int most) => Sweep(
        "select org_id, run_id, job, shard, epoch, due_at from timer where shard = any($1) and due_at < $2 order by due_at limit $3",
        build => build.Short(shards, x => x).Value(before.UtcDateTime, NpgsqlDbType.TimestampTz).Value(most, NpgsqlDbType.Integer),
        row => new RunTimer(row.GetString(0), new RunId(row.GetGuid(1)), row.GetString(2), row.GetInt16(3), row.GetInt32(4), RunRow.Time(row, 5)!.Value));

    public Task<IReadOnlyList<StalledRun>> ReadDispatched(DateTimeOffset before, int most) => Sweep(
        "select org_id, id, job, epoch, executor, handler, dispatched_at from run where status = 'running' and dispatched_at < $1 order by dispatched_at limit $2",
        build => build.Value(before.UtcDateTime, NpgsqlDbType.TimestampTz).Value(most, NpgsqlDbType.Integer),
        row => new StalledRun(row.GetString(0), new RunId(row.GetGuid(1)), row.GetString(2), row.GetInt32(3), row.GetGuid(4), row.GetString(5), RunRow.Time(row, 6)!.Value));

    public Task<IReadOnlyList<WaitingJob>> ReadWaitingJobs() => Sweep(
        "select l.org_id, l.job, j.handler, l.due - l.running, l.running, j.max_concurrency - l.running from job_load l join job j on j.org_id = l.org_id and j.name = l.job where l.due > l.running and not j.paused",
        build => build,
        row => new WaitingJob(new(row.GetString(0), row.GetString(1)), row.GetString(2), row.GetInt32(3)) { Running = row.GetInt32(4), Room = row.GetInt32(5) });

    public Task<IReadOnlyList<OutboxMessage>> ReadOutbox(DateTimeOffset before, int most) => Sweep(
        "select id, org_id, queue, body, expires_at from outbox where created_at < $1 order by created_at limit $2",
        build => build.Value(before.UtcDateTime, NpgsqlDbType.TimestampTz).Value(most, NpgsqlDbType.Integer),
        row => new OutboxMessage(row.GetGuid(0), row.GetString(1), row.GetString(2), (byte[])row.GetValue(3), RunRow.Time(row, 4)));

    public async Task<ShardLease> LeaseShards(string owner, DateTimeOffset now, DateTimeOffset until)
    {
        await using var connection = await database.Open();
        await using var there = new NpgsqlCommand(
            """
            with own as (insert into scheduler (name, until) values ($1, $3) on conflict (name) do update set until = excluded.until)
            select name from scheduler where until > $2 and name <> $1
            """, connection)
        {
            Parameters = { new() { Value = owner }, new() { Value = now.UtcDateTime }, new() { Value = until.UtcDateTime } },
        };
        string[] schedulers = [owner, .. await Rows(there, row => row.GetString(0))];
        await using var take = new NpgsqlCommand(
            """
            with given as (update timer_shard set until = $2 where owner = $1 and shard <> all($4))
            insert into timer_shard (shard, owner, until) select shard, $1, $3 from unnest($4) shard
            on conflict (shard) do update set owner = excluded.owner, until = excluded.until where timer_shard.owner = $1 or timer_shard.until <= $2
            returning shard
            """, connection)
        {
            Parameters =
            {
                new() { Value = owner },
                new() { Value = now.UtcDateTime },
                new() { Value = until.UtcDateTime },
                new() { Value = Shards.Share(schedulers, owner).ToArray() },
            },
        };
        return new(await Rows(take, row => (short)row.GetInt16(0)), schedulers.Length);
    }

    public async Task LeaveShards(string owner)
    {
        await using var connection = await database.Open();
        await using var command = new NpgsqlCommand(
            "with gone as (delete from scheduler where name = $1) update timer_shard set until = '-infinity' where owner = $1", connection)
        {
            Parameters = { new() { Value = owner } },
        };
        await command.ExecuteNonQueryAsync();
    }

    async Task<IReadOnlyList<T>> Sweep<T>(string sql, Func<BatchBuilder, BatchBuilder> parameters, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = await database.OpenSweep();
        await using var batch = new NpgsqlBatch(connection);
        parameters(new BatchBuilder(batch).Statement(sql));
        await using var reader = await batch.ExecuteReaderAsync();
        return await Rows(reader, read);
    }

    static async Task<IReadOnlyList<T>> Rows<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        await using var reader = await command.ExecuteReaderAsync();
        return await Rows(reader, read);
    }

    static async Task<IReadOnlyList<T>> Rows<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }
}
