using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Ingress.Webhooks.Deliveries;

/// <summary>The log of deliveries in the database: written in groups over orgs, read by one, kept short.</summary>
public sealed class DeliveryStore(ServiceDatabase database)
{
    /// <summary>Of a trigger; the oldest above that go.</summary>
    public const int MostOfTrigger = 1_000;
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Of a trigger; what is above is kept without its body, the oldest first.</summary>
    public const long MostBodyBytes = 64 << 20;

    const int Batch = 500;
    const string Columns = "org_id, id, trigger_id, received_at, verdict, reason, status, run_id, delivery_id, redelivery_of, method, size, content_type, detail";

    /// <summary>What came to a hook that was deleted meanwhile goes with it.</summary>
    public async Task Append(IReadOnlyList<Delivery> group)
    {
        await using var connection = database.ForGroup();
        await connection.Finish(async open =>
        {
            await using var batch = new NpgsqlBatch(open);
            batch.BatchCommands.Add(new(ServiceDatabase.Begin));
            batch.BatchCommands.Add(new(ServiceDatabase.SetOrgs) { Parameters = { ServiceDatabase.OrgsParameter([.. group.Select(x => x.OrgId).Distinct()]) } });
            var insert = new NpgsqlBatchCommand(
                $"""
                insert into hook_delivery ({Columns}, body) select d.*
                from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as d({Columns}, body)
                where exists (select from hook h where h.org_id = d.org_id and h.trigger_id = d.trigger_id)
                on conflict do nothing
                """);
            Add(x => x.OrgId, NpgsqlDbType.Text);
            Add(x => x.Id, NpgsqlDbType.Uuid);
            Add(x => x.TriggerId, NpgsqlDbType.Text);
            Add(x => x.ReceivedAt, NpgsqlDbType.TimestampTz);
            Add(x => x.Verdict, NpgsqlDbType.Text);
            Add(x => x.Reason, NpgsqlDbType.Text);
            Add(x => x.Status, NpgsqlDbType.Smallint);
            Add(x => x.RunId?.Value, NpgsqlDbType.Uuid);
            Add(x => x.DeliveryId, NpgsqlDbType.Text);
            Add(x => x.RedeliveryOf, NpgsqlDbType.Uuid);
            Add(x => x.Method, NpgsqlDbType.Text);
            Add(x => x.Size, NpgsqlDbType.Integer);
            Add(x => x.ContentType, NpgsqlDbType.Text);
            Add(x => x.Detail, NpgsqlDbType.Text);
            Add(x => x.Body, NpgsqlDbType.Bytea);
            batch.BatchCommands.Add(insert);
            batch.BatchCommands.Add(new(ServiceDatabase.Commit));
            await batch.ExecuteNonQueryAsync();

            void Add<T>(Func<Delivery, T> column, NpgsqlDbType type) => insert.Parameters.Add(new() { Value = group.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
        });
    }

    /// <summary>Newest first, before a delivery; without bodies.</summary>
    public Task<List<Delivery>> List(string orgId, string triggerId, Guid? before, int most, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand(
            $"select {Columns}, null::bytea, body is not null from hook_delivery where org_id = $1 and trigger_id = $2 and ($3 is null or id < $3) order by id desc limit $4", connection)
        {
            Parameters = { new() { Value = orgId }, new() { Value = triggerId }, new() { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }, new() { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var found = new List<Delivery>();
        while (await reader.ReadAsync(stop))
            found.Add(Read(reader) with { Body = reader.GetBoolean(15) ? [] : null });
        return found;
    }, stop);

    public Task<Delivery?> Find(string orgId, string triggerId, Guid id, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand($"select {Columns}, body from hook_delivery where org_id = $1 and trigger_id = $2 and id = $3", connection)
        {
            Parameters = { new() { Value = orgId }, new() { Value = triggerId }, new() { Value = id } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await reader.ReadAsync(stop) ? Read(reader) : null;
    }, stop);

    // Which ones is found before anything is changed, once: a join of the two would be planned by numbers that hold for an empty table.

    /// <summary>Takes what is too many of a trigger, and the bodies that are too much; the oldest first.</summary>
    public async Task Trim(string orgId, string triggerId, CancellationToken stop)
    {
        while (await Execute(orgId, stop,
            """
            delete from hook_delivery where org_id = $1 and trigger_id = $2 and id = any(array(
              select id from hook_delivery where org_id = $1 and trigger_id = $2
                and id < (select id from hook_delivery where org_id = $1 and trigger_id = $2 order by id desc offset $3 - 1 limit 1)
              order by id limit $4))
            """, orgId, triggerId, MostOfTrigger, Batch) == Batch)
        {
        }

        await Execute(orgId, stop,
            """
            update hook_delivery set body = null where org_id = $1 and trigger_id = $2 and id = any(array(
              select id from (select id, sum(size) over (order by id desc) as above from hook_delivery where org_id = $1 and trigger_id = $2 and body is not null) sized where above > $3))
            """, orgId, triggerId, MostBodyBytes);
    }

    /// <summary>Takes what is older than that, by the ids, which hold their time.</summary>
    public async Task DeleteBefore(string orgId, string triggerId, DateTimeOffset oldest, CancellationToken stop)
    {
        while (await Execute(orgId, stop,
            """
            delete from hook_delivery where org_id = $1 and trigger_id = $2 and id = any(array(
              select id from hook_delivery where org_id = $1 and trigger_id = $2 and id < $3 order by id limit $4))
            """, orgId, triggerId, Ulid.Create(oldest, new byte[10]), Batch) == Batch)
        {
        }
    }

    /// <summary>All hooks that have a log.</summary>
    public async Task<List<(string Org, string Trigger)>> Hooks(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            "select org_id, trigger_id from hook h where exists (select from hook_delivery d where d.org_id = h.org_id and d.trigger_id = h.trigger_id)", connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var hooks = new List<(string, string)>();
        while (await reader.ReadAsync(stop))
            hooks.Add((reader.GetString(0), reader.GetString(1)));
        return hooks;
    }

    Task<int> Execute(string orgId, CancellationToken stop, string sql, params object[] values) => database.InOrg(orgId, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync(stop);
    }, stop);

    static Delivery Read(NpgsqlDataReader row) => new()
    {
        OrgId = row.GetString(0),
        Id = row.GetGuid(1),
        TriggerId = row.GetString(2),
        ReceivedAt = row.GetFieldValue<DateTimeOffset>(3),
        Verdict = row.GetString(4),
        Reason = row.IsDBNull(5) ? null : row.GetString(5),
        Status = row.GetInt16(6),
        RunId = row.IsDBNull(7) ? null : new RunId(row.GetGuid(7)),
        DeliveryId = row.IsDBNull(8) ? null : row.GetString(8),
        RedeliveryOf = row.IsDBNull(9) ? null : row.GetGuid(9),
        Method = row.GetString(10),
        Size = row.GetInt32(11),
        ContentType = row.IsDBNull(12) ? null : row.GetString(12),
        Detail = row.IsDBNull(13) ? null : row.GetString(13),
        Body = row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14),
    };
}
