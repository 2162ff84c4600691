using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Database;

/// <summary>The first round trip of a group: begin, lock, read. Statements without keys are left out.</summary>
static class AttemptReads
{
    // A plan made while a table was empty reads the whole of it long after it is large (measured: 15 times slower until the next analyze). So
    // every statement probes key by key, by a lateral subquery that cannot be turned round, and a probe may not be a scan of the table.
    const string Scope =
        "select set_config('app.orgs', $1::text[]::text, true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)";

    // Locked in the order of the keys, which come sorted.
    const string Leases =
        """
        select l.org_id, l.run_id, l.epoch, l.attempt, l.job, l.handler, l.instance, l.worker, l.claimed_at, l.deadline
        from unnest($1::text[], $2::uuid[]) as k(org, run)
        cross join lateral (select * from lease x where x.org_id = k.org and x.run_id = k.run for update) l
        """;

    const string Latest =
        """
        select a.org_id, a.run_id, a.epoch, a.number, a.job, a.worker, a.started_at, a.ended_at, a.outcome, a.error,
          case when a.epoch = k.epoch then a.result end, a.waits, a.fatal, a.retry_after_ms
        from unnest($1::text[], $2::uuid[], $3::int[]) as k(org, run, epoch)
        cross join lateral (select * from attempt x where x.org_id = k.org and x.run_id = k.run order by x.epoch desc limit 1) a
        """;

    const string Journals =
        """
        select c.org_id, c.run_id, c.key, c.epoch, c.attempt, c.output, c.state, c.due_at, c.started_at, c.duration_ms, c.topics
        from unnest($1::text[], $2::uuid[]) as k(org, run)
        cross join lateral (select * from checkpoint x where x.org_id = k.org and x.run_id = k.run offset 0) c
        order by c.seq
        """;

    const string Entries =
        """
        select c.org_id, c.run_id, c.key, c.epoch, c.due_at
        from unnest($1::text[], $2::uuid[], $3::text[]) as k(org, run, key)
        cross join lateral (select * from checkpoint x where x.org_id = k.org and x.run_id = k.run and x.key = k.key offset 0) c
        """;

    public static async Task<AttemptSnapshot> Read(NpgsqlConnection connection, AttemptQuery query)
    {
        var snapshot = new AttemptSnapshot();
        var reads = new List<Func<NpgsqlDataReader, Task>>();
        await using var batch = new NpgsqlBatch(connection);
        Begin(batch, query);

        void Add(NpgsqlBatchCommand command, Action<NpgsqlDataReader> row)
        {
            batch.BatchCommands.Add(command);
            reads.Add(async reader =>
            {
                while (await reader.ReadAsync())
                    row(reader);
            });
        }

        if (query.Leases.Count > 0)
            Add(Statement(Leases, Text(query.Leases, x => x.OrgId), Ids(query.Leases, x => x.Run.Value)), row => AddLease(snapshot, row));
        if (query.Latest.Count > 0)
            Add(Statement(Latest, Text(query.Latest.Keys, x => x.OrgId), Ids(query.Latest.Keys, x => x.Run.Value), Ints(query.Latest.Values, x => x)), row => AddLatest(snapshot, row));
        if (query.Journals.Count > 0)
            Add(Statement(Journals, Text(query.Journals, x => x.OrgId), Ids(query.Journals, x => x.Run.Value)), row => AddJournal(snapshot, row));
        if (query.Entries.Count > 0)
            Add(Statement(Entries, Text(query.Entries, x => x.Key.OrgId), Ids(query.Entries, x => x.Key.Run.Value), Text(query.Entries, x => x.Entry)), row => AddEntry(snapshot, row));

        await using var results = await batch.ExecuteReaderAsync();
        foreach (var read in reads)
        {
            await results.NextResultAsync();
            await read(results);
        }

        return snapshot;
    }

    public static void Begin(NpgsqlBatch batch, AttemptQuery query)
    {
        batch.BatchCommands.Add(new(ServiceDatabase.Begin));
        batch.BatchCommands.Add(Statement(Scope, ServiceDatabase.OrgsParameter([.. query.Orgs])));
    }

    static RunKey KeyOf(NpgsqlDataReader row) => new(row.GetString(0), new RunId(row.GetGuid(1)));

    static void AddLease(AttemptSnapshot snapshot, NpgsqlDataReader row)
    {
        var key = KeyOf(row);
        snapshot.Leases[key] = new(key, row.GetInt32(2), row.GetInt32(3), row.GetString(4), row.GetString(5), row.GetGuid(6), row.GetString(7), row.Time(8), row.Time(9));
    }

    static void AddLatest(AttemptSnapshot snapshot, NpgsqlDataReader row)
    {
        var key = KeyOf(row);
        var waits = FromJson<WaitCondition[]>(row.StringOrNull(11));
        snapshot.Latest[key] = new(key, row.GetInt32(2), row.GetInt32(3), row.GetString(4), row.GetString(5), row.Time(6), row.Time(7),
            new(row.GetString(8), row.JsonOrNull(10) ?? default, FromJson<RunError>(row.StringOrNull(9)), row.GetBoolean(12), row.LongOrNull(13), waits?.Select(x => x.Key).ToArray()),
            waits);
    }

    static void AddJournal(AttemptSnapshot snapshot, NpgsqlDataReader row)
    {
        var key = KeyOf(row);
        if (!snapshot.Journals.TryGetValue(key, out var journal))
            snapshot.Journals[key] = journal = [];
        journal.Add(new(row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.JsonOrNull(5) ?? default, row.JsonOrNull(6), row.TimeOrNull(7), row.TimeOrNull(8),
            row.LongOrNull(9), FromJson<string[]>(row.StringOrNull(10))));
    }

    static void AddEntry(AttemptSnapshot snapshot, NpgsqlDataReader row) =>
        snapshot.Entries[(KeyOf(row), row.GetString(2))] = new(row.GetInt32(3), row.TimeOrNull(4));
}
