using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Replays;

/// <summary>What became of a replay.</summary>
public abstract record Replayed
{
    public sealed record Done(IReadOnlyList<Delivery> Deliveries) : Replayed;

    public sealed record EventNotFound : Replayed;

    /// <param name="At">Its index among those asked for.</param>
    public sealed record NotSubscribed(int At, string Topic) : Replayed;

    /// <summary>The same replay was made for other triggers.</summary>
    public sealed record Conflict : Replayed;
}

/// <summary>Hands a stored event to its present subscribers again, as new runs.</summary>
public sealed class EventReplays(ServiceDatabase database, Outbox outbox, Func<Guid> newMessageId, TimeProvider time)
{
    /// <summary>A replay that was made already is answered as it was, whoever has subscribed since.</summary>
    /// <param name="triggers">Only for these; null is everybody who has subscribed.</param>
    public async Task<Replayed> Replay(string orgId, EventId id, Guid replay, string[]? triggers, CancellationToken stop)
    {
        IReadOnlyList<OutboxMessage> messages = [];
        var replayed = await database.InOrg(orgId, async connection =>
        {
            // Retention may not take it meanwhile.
            if (await Event(connection, orgId, id, stop) is not { } stored)
                return new Replayed.EventNotFound();
            if (await Made(connection, orgId, id, replay, stop) is { } made)
                return Same(made.Triggers, triggers) ? new Replayed.Done(made.Deliveries) : (Replayed)new Replayed.Conflict();
            var subscriptions = await Subscriptions(connection, stored, triggers, stop);
            if (triggers is not null && Array.FindIndex(triggers, x => !subscriptions.Exists(y => y.TriggerId == x)) is >= 0 and var missing)
                return new Replayed.NotSubscribed(missing, stored.Topic);
            var decision = EventRouting.Redeliver([stored], subscriptions, replay, time.GetUtcNow(), newMessageId);
            await Write(connection, orgId, id, replay, triggers, decision, stop);
            messages = decision.Messages;
            return new Replayed.Done(decision.Deliveries);
        }, stop);
        outbox.Publish(messages);
        return replayed;
    }

    static bool Same(string[]? one, string[]? other) => one is null ? other is null : other is not null && one.Order(StringComparer.Ordinal).SequenceEqual(other.Order(StringComparer.Ordinal));

    static async Task<StoredEvent?> Event(NpgsqlConnection connection, string orgId, EventId id, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand($"select {EventRows.EventColumns} from event where org_id = $1 and id = $2 for update", connection)
        {
            Parameters = { new() { Value = orgId }, new() { Value = id.Value } },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await reader.ReadAsync(stop) ? EventRows.ReadEvent(reader) : null;
    }

    static async Task<(string[]? Triggers, List<Delivery> Deliveries)?> Made(NpgsqlConnection connection, string orgId, EventId id, Guid replay, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { Of("select triggers from replay where org_id = $1 and event_id = $2 and id = $3"), Of(
                "select trigger_id, run_id, job, created_at from delivery where org_id = $1 and event_id = $2 and replay = $3 order by trigger_id") },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        if (!await reader.ReadAsync(stop))
            return null;
        var triggers = await reader.IsDBNullAsync(0, stop) ? null : reader.GetFieldValue<string[]>(0);
        await reader.NextResultAsync(stop);
        var deliveries = new List<Delivery>();
        while (await reader.ReadAsync(stop))
            deliveries.Add(new(orgId, id, reader.GetString(0), new(reader.GetGuid(1)), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), replay));
        return (triggers, deliveries);

        NpgsqlBatchCommand Of(string sql) => new(sql) { Parameters = { new() { Value = orgId }, new() { Value = id.Value }, new() { Value = replay } } };
    }

    static async Task<List<Subscription>> Subscriptions(NpgsqlConnection connection, StoredEvent stored, string[]? triggers, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            """
            select org_id, trigger_id, topic, job, created_at from subscription
            where org_id = $1 and topic = $2 and ($3::text[] is null or trigger_id = any($3)) order by trigger_id
            """, connection)
        {
            Parameters =
            {
                new() { Value = stored.OrgId }, new() { Value = stored.Topic },
                new() { Value = (object?)triggers ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var subscriptions = new List<Subscription>();
        while (await reader.ReadAsync(stop))
            subscriptions.Add(EventRows.ReadSubscription(reader));
        return subscriptions;
    }

    async Task Write(NpgsqlConnection connection, string orgId, EventId id, Guid replay, string[]? triggers, Redelivery decision, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("insert into replay (org_id, event_id, id, triggers, created_at) values ($1, $2, $3, $4, $5)")
                {
                    Parameters =
                    {
                        new() { Value = orgId }, new() { Value = id.Value }, new() { Value = replay },
                        new() { Value = (object?)triggers ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }, new() { Value = time.GetUtcNow() },
                    },
                },
            },
        };
        if (decision.Deliveries.Count > 0)
        {
            batch.BatchCommands.Add(EventRows.Insert(decision.Deliveries));
            batch.BatchCommands.Add(EventRows.Count(decision.Deliveries));
            batch.BatchCommands.Add(EventRows.Insert(decision.Messages, time.GetUtcNow()));
        }

        await batch.ExecuteNonQueryAsync(stop);
    }
}
