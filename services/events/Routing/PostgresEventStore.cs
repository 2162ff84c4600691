using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Routing;

/// <summary>A group is one transaction in two round trips, BEGIN and COMMIT inside them.</summary>
public sealed class PostgresEventStore(ServiceDatabase database) : IEventStore
{
    /// <summary>
    /// Whoever asks for the events from before a subscription has to see all that were routed without it: it waits for the groups of its topic that
    /// are under way (<see cref="CatchUps.EventCatchUps"/>), and those that come next wait for it. In the order of the locks, and few of them for many topics.
    /// </summary>
    const string LockTopics =
        $"""
        select pg_advisory_xact_lock_shared({EventRows.TopicLocks}, x.lock)
        from (select distinct {EventRows.TopicLock} as lock from unnest($1::text[], $2::text[]) as k(org_id, topic) order by 1) x
        """;

    // The limit and offset keep the lookups lookups: a join planned while the table is empty may scan it for ever.
    const string KnownEvents =
        """
        select e.org_id, e.id, e.topic, e.payload, e.source_run, e.emitted_at, e.stored_at, e.deliveries
        from unnest($1::text[], $2::uuid[]) as k(org_id, id)
        cross join lateral (select * from event where event.org_id = k.org_id and event.id = k.id limit 1) e
        """;

    const string SubscriptionsOfTopics =
        """
        select s.org_id, s.trigger_id, s.topic, s.job, s.created_at
        from unnest($1::text[], $2::text[]) as k(org_id, topic)
        cross join lateral (select * from subscription where subscription.org_id = k.org_id and subscription.topic = k.topic offset 0) s
        """;

    // No "on conflict do nothing": an event that another process took meanwhile has to fail the group, because its deliveries are already packed.
    const string InsertEvents =
        """
        insert into event (org_id, id, topic, payload, source_run, emitted_at, stored_at, deliveries)
        select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::integer[])
        """;

    const string DeleteConfirmed =
        "delete from outbox using unnest($1::text[], $2::uuid[]) as k(org_id, id) where outbox.org_id = k.org_id and outbox.id = k.id";

    public async Task<RoutingDecision> Take(
        IReadOnlyList<EventEmitted> group, Func<RoutingFacts, RoutingDecision> decide, IReadOnlyList<OutboxKey> confirmed)
    {
        for (; ; )
        {
            try
            {
                await using var connection = database.ForGroup();
                var facts = await connection.Do(open => Load(open, group, confirmed));
                var decision = decide(facts);
                await connection.Finish(open => Write(open, decision, confirmed));
                return decision;
            }
            catch (PostgresException exception) when (IsTakenMeanwhile(exception))
            {
                // Another process has taken one of these events since they were looked up; this time it is found.
            }
        }
    }

    internal static bool IsTakenMeanwhile(PostgresException exception) =>
        exception is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "event_taken_once" };

    static async Task<RoutingFacts> Load(NpgsqlConnection connection, IReadOnlyList<EventEmitted> group, IReadOnlyList<OutboxKey> confirmed)
    {
        var orgs = group.Select(x => x.OrgId).Concat(confirmed.Select(x => x.OrgId)).Distinct().ToArray();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(ServiceDatabase.Begin), new(ServiceDatabase.SetOrgs) { Parameters = { ServiceDatabase.OrgsParameter(orgs) } } },
        };
        AskFacts(batch, group);
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync(); // past the result of the setting: BEGIN has none
        return await ReadFacts(reader);
    }

    /// <summary>Locks the group's topics, and asks for what is known of its events.</summary>
    internal static void AskFacts(NpgsqlBatch batch, IReadOnlyList<EventEmitted> group)
    {
        var events = group.Select(x => new EventKey(x.OrgId, x.EventId)).Distinct().ToArray();
        var topics = group.Select(x => new TopicKey(x.OrgId, x.Topic)).Distinct().ToArray();
        batch.BatchCommands.Add(new(LockTopics) { Parameters = { EventRows.Array(topics, x => x.OrgId), EventRows.Array(topics, x => x.Topic) } });
        batch.BatchCommands.Add(new(KnownEvents) { Parameters = { EventRows.Array(events, x => x.OrgId), EventRows.Array(events, x => x.Id.Value) } });
        batch.BatchCommands.Add(new(SubscriptionsOfTopics) { Parameters = { EventRows.Array(topics, x => x.OrgId), EventRows.Array(topics, x => x.Topic) } });
    }

    /// <summary>From the answer to <see cref="AskFacts"/>, at the result of its locks.</summary>
    internal static async Task<RoutingFacts> ReadFacts(NpgsqlDataReader reader)
    {
        await reader.NextResultAsync();
        var known = new Dictionary<EventKey, StoredEvent>();
        while (await reader.ReadAsync())
        {
            var stored = EventRows.ReadEvent(reader);
            known.Add(new(stored.OrgId, stored.Id), stored);
        }

        await reader.NextResultAsync();
        var subscriptions = new List<Subscription>();
        while (await reader.ReadAsync())
            subscriptions.Add(EventRows.ReadSubscription(reader));
        return new(known, subscriptions.ToLookup(x => new TopicKey(x.OrgId, x.Topic)));
    }

    static async Task Write(NpgsqlConnection connection, RoutingDecision decision, IReadOnlyList<OutboxKey> confirmed)
    {
        await using var batch = new NpgsqlBatch(connection);
        Write(batch, decision);
        if (confirmed.Count > 0)
            batch.BatchCommands.Add(Delete(confirmed));
        batch.BatchCommands.Add(new(ServiceDatabase.Commit));
        await batch.ExecuteNonQueryAsync();
    }

    internal static void Write(NpgsqlBatch batch, RoutingDecision decision)
    {
        // In the order of the keys: two processes that hold the same events wait for each other instead of deadlocking.
        var events = decision.Events.OrderBy(x => x.OrgId, StringComparer.Ordinal).ThenBy(x => x.Id).ToArray();
        if (events.Length > 0)
            batch.BatchCommands.Add(new(InsertEvents)
            {
                Parameters =
                {
                    EventRows.Array(events, x => x.OrgId), EventRows.Array(events, x => x.Id.Value), EventRows.Array(events, x => x.Topic), EventRows.Array(events, x => x.Payload.ToString()),
                    EventRows.Array(events, x => x.Source?.Value), EventRows.Array(events, x => x.EmittedAt), EventRows.Array(events, x => x.StoredAt), EventRows.Array(events, x => x.Deliveries),
                },
            });
        if (decision.Deliveries.Count > 0)
            batch.BatchCommands.Add(EventRows.Insert(decision.Deliveries));
        if (decision.Messages.Count > 0)
            batch.BatchCommands.Add(EventRows.Insert(decision.Messages, decision.DecidedAt));
    }

    public Task<Subscription> Subscribe(Subscription subscription, CancellationToken stop) =>
        database.InOrg(subscription.OrgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                insert into subscription (org_id, trigger_id, topic, job, created_at) values ($1, $2, $3, $4, $5)
                on conflict (org_id, trigger_id) do update set topic = excluded.topic, job = excluded.job
                returning org_id, trigger_id, topic, job, created_at
                """, connection)
            {
                Parameters =
                {
                    new() { Value = subscription.OrgId }, new() { Value = subscription.TriggerId }, new() { Value = subscription.Topic },
                    new() { Value = subscription.Job }, new() { Value = subscription.CreatedAt },
                },
            };
            await using var reader = await command.ExecuteReaderAsync(stop);
            await reader.ReadAsync(stop);
            return EventRows.ReadSubscription(reader);
        }, stop);

    public Task<bool> Unsubscribe(string orgId, string triggerId, CancellationToken stop) =>
        database.InOrg(orgId, async connection =>
        {
            await using var command = new NpgsqlCommand(
                """
                with catch_up as (delete from catch_up where org_id = $1 and trigger_id = $2)
                delete from subscription where org_id = $1 and trigger_id = $2
                """, connection)
            {
                Parameters = { new() { Value = orgId }, new() { Value = triggerId } },
            };
            return await command.ExecuteNonQueryAsync(stop) > 0;
        }, stop);

    public async Task<IReadOnlyList<OutboxMessage>> Unconfirmed(DateTimeOffset committedBefore, Guid after, int most, CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            "select id, org_id, queue, body, expires_at from outbox where created_at <= $1 and id > $2 order by id limit $3", connection)
        {
            Parameters = { new() { Value = committedBefore }, new() { Value = after }, new() { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var messages = new List<OutboxMessage>();
        while (await reader.ReadAsync(stop))
            messages.Add(new(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3),
                await reader.IsDBNullAsync(4, stop) ? null : reader.GetFieldValue<DateTimeOffset>(4)));
        return messages;
    }

    public async Task DeleteMessages(IReadOnlyList<OutboxKey> keys, CancellationToken stop)
    {
        await using var connection = await database.Open(stop);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(ServiceDatabase.Begin),
                new(ServiceDatabase.SetOrgs) { Parameters = { ServiceDatabase.OrgsParameter([.. keys.Select(x => x.OrgId).Distinct()]) } },
                Delete(keys),
                new(ServiceDatabase.Commit),
            },
        };
        await batch.ExecuteNonQueryAsync(stop);
    }

    internal static NpgsqlBatchCommand Delete(IReadOnlyList<OutboxKey> keys) =>
        new(DeleteConfirmed) { Parameters = { EventRows.Array(keys, x => x.OrgId), EventRows.Array(keys, x => x.Id) } };
}
