using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Events.Routing;

/// <summary>Rows of the schema, read and written: by column arrays, so that any number of them is one prepared statement.</summary>
static class EventRows
{
    /// <summary>Told apart from other advisory locks by this number.</summary>
    public const string TopicLocks = "1381321805";

    /// <summary>Of a row with org_id and topic. Topics that share one wait for each other, which costs a moment and no more.</summary>
    public const string TopicLock = "hashtext(k.org_id || chr(31) || k.topic) & 63";

    public const string EventColumns = "org_id, id, topic, payload, source_run, emitted_at, stored_at, deliveries";

    public static NpgsqlBatchCommand Insert(IReadOnlyList<Delivery> deliveries) => new(
        """
        insert into delivery (org_id, event_id, trigger_id, replay, run_id, job, created_at)
        select * from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[])
        """)
    {
        Parameters =
        {
            Array(deliveries, x => x.OrgId), Array(deliveries, x => x.EventId.Value), Array(deliveries, x => x.TriggerId), Array(deliveries, x => x.Replay),
            Array(deliveries, x => x.RunId.Value), Array(deliveries, x => x.Job), Array(deliveries, x => x.CreatedAt),
        },
    };

    /// <summary>Counts deliveries that were made after their events were stored.</summary>
    public static NpgsqlBatchCommand Count(IReadOnlyList<Delivery> deliveries)
    {
        var events = deliveries.CountBy(x => (x.OrgId, x.EventId)).ToArray();
        return new(
            """
            update event set deliveries = deliveries + k.more
            from unnest($1::text[], $2::uuid[], $3::integer[]) as k(org_id, id, more) where event.org_id = k.org_id and event.id = k.id
            """)
        {
            Parameters = { Array(events, x => x.Key.OrgId), Array(events, x => x.Key.EventId.Value), Array(events, x => x.Value) },
        };
    }

    public static NpgsqlBatchCommand Insert(IReadOnlyList<OutboxMessage> messages, DateTimeOffset now) => new(
        """
        insert into outbox (org_id, id, queue, body, expires_at, created_at)
        select x.*, $6 from unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[], $5::timestamptz[]) x
        """)
    {
        Parameters =
        {
            Array(messages, x => x.OrgId), Array(messages, x => x.Id), Array(messages, x => x.Queue), Array(messages, x => x.Body),
            Array(messages, x => x.ExpiresAt), new() { Value = now },
        },
    };

    public static NpgsqlParameter Array<T, TColumn>(IReadOnlyList<T> rows, Func<T, TColumn> column) => new NpgsqlParameter<TColumn[]> { TypedValue = [.. rows.Select(column)] };

    public static StoredEvent ReadEvent(NpgsqlDataReader row) => new(
        row.GetString(0), new(row.GetGuid(1)), row.GetString(2), RawJson.Trusted(row.GetString(3)), row.IsDBNull(4) ? null : new RunId(row.GetGuid(4)),
        row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6), row.GetInt32(7));

    public static Subscription ReadSubscription(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4));
}
