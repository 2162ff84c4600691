using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Deliveries;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.CatchUps;

/// <summary>
/// Hands the events from before a subscription to it, in the order of their emission, group by group. Which events those are is decided by commits:
/// whatever was routed without the subscription is committed when the catch-up begins (see <see cref="PostgresEventStore"/>), whatever is routed
/// later knows the subscription. So all that it has not had is found below the youngest event of that moment, and what it has had is left out by
/// its delivery. How far it has got is committed with each group.
/// </summary>
public sealed class EventCatchUps(ServiceDatabase database, Outbox outbox, OutboxUpkeep upkeep, IdSource ids, TimeProvider time)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    const int Page = StartRun.MaxStarts;

    /// <summary>Begins it once: asked again, it goes on or stays done. False without a subscription.</summary>
    public Task<bool> Begin(string orgId, string triggerId, DateTimeOffset since, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            var (org, trigger) = (orgId, triggerId);
            if (await Scalar(connection, "select topic from subscription where org_id = $1 and trigger_id = $2", stop, org, trigger) is not string topic)
                return false;
            await Scalar(
                connection, $"select pg_advisory_xact_lock({EventRows.TopicLocks}, {EventRows.TopicLock}) from (select $1::text as org_id, $2::text as topic) k", stop, org, topic);
            await Scalar(connection,
                """
                insert into catch_up (org_id, trigger_id, after_at, after_id, until_at, until_id, done, created_at)
                select $1, $2, $4, '00000000-0000-0000-0000-000000000000', coalesce(e.emitted_at, $4), coalesce(e.id, '00000000-0000-0000-0000-000000000000'), e.id is null, $5
                from (select $3::text as topic) k
                left join lateral (
                  select emitted_at, id from event where event.org_id = $1 and event.topic = k.topic and event.emitted_at >= $4
                  order by event.emitted_at desc, event.id desc limit 1) e on true
                on conflict (org_id, trigger_id) do nothing
                """, stop, org, trigger, topic, since.ToUniversalTime(), time.GetUtcNow());
            return true;
        }, stop);

    /// <summary>Goes on with all that are not done, one after the other. A group leaves when the scheduler has taken the one before it, which keeps the order.</summary>
    public async Task Run(CancellationToken stop)
    {
        foreach (var (orgId, triggerId) in await Open(stop))
            while (await Next(orgId, triggerId, stop))
            {
            }
    }

    /// <summary>One group; false when there is nothing more to do now.</summary>
    public async Task<bool> Next(string orgId, string triggerId, CancellationToken stop)
    {
        await upkeep.Flush(stop);
        var messages = await database.InOrg(orgId, connection => CommitGroup(connection, orgId, triggerId, stop), stop);
        return messages is not null && await outbox.PublishAndWait(messages).WaitAsync(stop);
    }

    async Task<IReadOnlyList<OutboxMessage>?> CommitGroup(NpgsqlConnection connection, string orgId, string triggerId, CancellationToken stop)
    {
        if (await Subscription(connection, orgId, triggerId, stop) is not { } subscription)
            return null;
        var page = await Events(connection, subscription, stop);
        if (page.Count == 0)
        {
            await Scalar(connection, "update catch_up set done = true where org_id = $1 and trigger_id = $2", stop, orgId, triggerId);
            return null;
        }

        var had = await Had(connection, subscription, page, stop);
        var decision = EventRouting.Redeliver([.. page.Where(x => !had.Contains(x.Id.Value))], [subscription], default, time.GetUtcNow(), ids.Next);
        await using var batch = new NpgsqlBatch(connection);
        if (decision.Deliveries.Count > 0)
        {
            batch.BatchCommands.Add(EventRows.Insert(decision.Deliveries));
            batch.BatchCommands.Add(EventRows.Count(decision.Deliveries));
            batch.BatchCommands.Add(EventRows.Insert(decision.Messages, time.GetUtcNow()));
        }

        batch.BatchCommands.Add(new("update catch_up set after_at = $3, after_id = $4, last_message = coalesce($5, last_message) where org_id = $1 and trigger_id = $2")
        {
            Parameters =
            {
                new() { Value = orgId }, new() { Value = triggerId }, new() { Value = page[^1].EmittedAt }, new() { Value = page[^1].Id.Value },
                new() { Value = decision.Messages.Count > 0 ? decision.Messages[^1].Id : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid },
            },
        });
        await batch.ExecuteNonQueryAsync(stop);
        return decision.Messages;
    }

    async Task<List<(string OrgId, string TriggerId)>> Open(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand("select org_id, trigger_id from catch_up where not done order by org_id, trigger_id", connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var open = new List<(string, string)>();
        while (await reader.ReadAsync(stop))
            open.Add((reader.GetString(0), reader.GetString(1)));
        return open;
    }

    /// <summary>Null where it is done, another process is at it, or what was sent last is not taken yet.</summary>
    static async Task<Subscription?> Subscription(NpgsqlConnection connection, string orgId, string triggerId, CancellationToken stop)
    {
        await using var command = Command(connection,
            """
            select s.org_id, s.trigger_id, s.topic, s.job, s.created_at
            from catch_up c join subscription s on s.org_id = c.org_id and s.trigger_id = c.trigger_id
            where c.org_id = $1 and c.trigger_id = $2 and not c.done and not exists (select from outbox o where o.org_id = c.org_id and o.id = c.last_message)
            for update of c skip locked
            """, orgId, triggerId);
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await reader.ReadAsync(stop) ? EventRows.ReadSubscription(reader) : null;
    }

    /// <summary>The next ones, as many as one message carries well.</summary>
    static async Task<List<StoredEvent>> Events(NpgsqlConnection connection, Subscription subscription, CancellationToken stop)
    {
        await using var command = Command(connection,
            $"""
            select {EventRows.EventColumns} from (
              select p.*, sum(octet_length(p.payload)) over (order by p.emitted_at, p.id) - octet_length(p.payload) as before
              from catch_up c
              cross join lateral (
                select * from event e
                where e.org_id = c.org_id and e.topic = $3 and (e.emitted_at, e.id) > (c.after_at, c.after_id) and (e.emitted_at, e.id) <= (c.until_at, c.until_id)
                order by e.emitted_at, e.id
                limit $4) p
              where c.org_id = $1 and c.trigger_id = $2) x
            where x.before = 0 or x.before + octet_length(x.payload) <= $5
            order by x.emitted_at, x.id
            """, subscription.OrgId, subscription.TriggerId, subscription.Topic, Page, EventRouting.MaxMessageBytes);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(stop))
            events.Add(EventRows.ReadEvent(reader));
        return events;
    }

    static async Task<HashSet<Guid>> Had(NpgsqlConnection connection, Subscription subscription, List<StoredEvent> page, CancellationToken stop)
    {
        await using var command = Command(connection,
            """
            select k.id from unnest($3) as k(id)
            cross join lateral (
              select from delivery d
              where d.org_id = $1 and d.event_id = k.id and d.trigger_id = $2 and d.replay = '00000000-0000-0000-0000-000000000000' offset 0) d
            """, subscription.OrgId, subscription.TriggerId, page.Select(x => x.Id.Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(stop);
        var had = new HashSet<Guid>();
        while (await reader.ReadAsync(stop))
            had.Add(reader.GetGuid(0));
        return had;
    }

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(stop);
    }

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
