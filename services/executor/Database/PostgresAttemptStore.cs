using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Database;

/// <summary>Attempts in the schema <c>executor</c>.</summary>
public sealed class PostgresAttemptStore(ServiceDatabase database) : IAttemptStore
{
    public async Task<IAttemptTransaction> Open(AttemptQuery query)
    {
        var connection = database.ForGroup();
        try
        {
            return new Transaction(connection, await connection.Do(open => AttemptReads.Read(open, query)));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public IAttemptTransaction Assume(AttemptQuery query, AttemptSnapshot assumed) => new PostgresAssumedAttempts(database, query, assumed);

    public async Task<IReadOnlyList<OutboxMessage>> OutboxLeftovers(DateTimeOffset before, DateTimeOffset now, Guid after, int most, CancellationToken stop)
    {
        var kept = new List<OutboxMessage>();
        var expired = new List<OutboxKey>();
        await using (var connection = await database.OpenSweep(stop))
        {
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    Statement(
                        "select org_id, id from outbox where created_at < $1 and expires_at <= $2 limit $3",
                        One(before.UtcDateTime, NpgsqlDbType.TimestampTz), One(now.UtcDateTime, NpgsqlDbType.TimestampTz), One(most, NpgsqlDbType.Integer)),
                    Statement(
                        """
                        select id, org_id, queue, body, expires_at from outbox
                        where created_at < $1 and (expires_at is null or expires_at > $2) and id > $3 order by id limit $4
                        """,
                        One(before.UtcDateTime, NpgsqlDbType.TimestampTz), One(now.UtcDateTime, NpgsqlDbType.TimestampTz), One(after, NpgsqlDbType.Uuid), One(most, NpgsqlDbType.Integer)),
                },
            };
            await using var rows = await batch.ExecuteReaderAsync(stop);
            while (await rows.ReadAsync(stop))
                expired.Add(new(rows.GetString(0), rows.GetGuid(1)));
            await rows.NextResultAsync(stop);
            while (await rows.ReadAsync(stop))
                kept.Add(new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetFieldValue<byte[]>(3), rows.TimeOrNull(4)));
        }

        foreach (var org in expired.GroupBy(x => x.OrgId))
            await Execute(org.Key, "delete from outbox where org_id = $1 and id = any($2)",
                [One(org.Key, NpgsqlDbType.Text), Ids([.. org], x => x.Id)], stop);
        return kept;
    }

    public async Task Beat(ExecutorInstance instance, DateTimeOffset now, CancellationToken stop)
    {
        await using var connection = await database.Open(stop);
        await using var command = new NpgsqlCommand(
            """
            insert into instance (id, name, started_at, heartbeat_at) values ($1, $2, $3, $3)
            on conflict (id) do update set heartbeat_at = excluded.heartbeat_at
            """, connection)
        {
            Parameters = { One(instance.Id, NpgsqlDbType.Uuid), One(instance.Name, NpgsqlDbType.Text), One(now.UtcDateTime, NpgsqlDbType.TimestampTz) },
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    public async Task<IReadOnlyList<(RunKey Key, int Epoch)>> LeasesOfGone(ExecutorInstance self, DateTimeOffset silentSince, int most, CancellationToken stop)
    {
        var found = new List<(RunKey, int)>();
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            $"""
            select l.org_id, l.run_id, l.epoch from lease l
            where l.instance <> $1 and not exists (select from instance i where i.id = l.instance and not ({Gone})) limit $4
            """, connection)
        {
            Parameters = { One(self.Id, NpgsqlDbType.Uuid), One(self.Name, NpgsqlDbType.Text), One(silentSince.UtcDateTime, NpgsqlDbType.TimestampTz), One(most, NpgsqlDbType.Integer) },
        };
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            found.Add((new(rows.GetString(0), new RunId(rows.GetGuid(1))), rows.GetInt32(2)));
        return found;
    }

    public async Task<IReadOnlyList<Guid>> Predecessors(ExecutorInstance self, CancellationToken stop)
    {
        var found = new List<Guid>();
        await using var connection = await database.Open(stop);
        await using var command = new NpgsqlCommand("select id from instance where name = $1 and id <> $2", connection)
        {
            Parameters = { One(self.Name, NpgsqlDbType.Text), One(self.Id, NpgsqlDbType.Uuid) },
        };
        await using var rows = await command.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
            found.Add(rows.GetGuid(0));
        return found;
    }

    public async Task ForgetGone(ExecutorInstance self, DateTimeOffset silentSince, CancellationToken stop)
    {
        await using var connection = await database.Open(stop);
        await using var command = new NpgsqlCommand("delete from instance where id <> $1 and heartbeat_at < $2", connection)
        {
            Parameters = { One(self.Id, NpgsqlDbType.Uuid), One(silentSince.UtcDateTime, NpgsqlDbType.TimestampTz) },
        };
        await command.ExecuteNonQueryAsync(stop);
    }

    const string Gone = "i.name = $2 or i.heartbeat_at < $3";

    Task<int> Execute(string org, string sql, NpgsqlParameter[] parameters, CancellationToken stop) => database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(stop);
    }, stop);

    sealed class Transaction(BoundedConnection connection, AttemptSnapshot snapshot) : IAttemptTransaction
    {
        public AttemptSnapshot Snapshot => snapshot;

        public Task Commit(AttemptChanges changes) => connection.Finish(async open =>
        {
            await using var batch = new NpgsqlBatch(open);
            AttemptWrites.Add(batch, changes);
            await batch.ExecuteNonQueryAsync();
        });

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
