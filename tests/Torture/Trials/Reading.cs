using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Tests.System.Harness;
using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Faults;
using ReactorJobs.Tests.Torture.Metering;
using ReactorJobs.Tests.Torture.Suites;
using ReactorJobs.Tests.Torture.Workload;

namespace ReactorJobs.Tests.Torture.Trials;

/// <summary>What the suite, the database and the workers say of themselves.</summary>
sealed class Reading(TorturedSuite suite, Redeliveries redeliveries)
{
    readonly Ledger ledger = new(suite.Ledger);
    readonly Lock gate = new();

    /// <summary>That the workers have written up to now.</summary>
    public int Lines()
    {
        lock (gate)
        {
            ledger.Read();
            return ledger.Lines.Count;
        }
    }

    /// <summary>The executor with the most steps of seconds under way.</summary>
    public async Task<string?> Busiest()
    {
        const string sql =
            """
            select i.name from executor.lease l join executor.instance i on i.id = l.instance
             where l.job = 'patient' group by i.name order by count(*) desc, i.name limit 1
            """;
        try
        {
            await using var database = await suite.OpenDatabase();
            await foreach (var row in Rows(database, sql))
                return row.GetString(0);
        }
        catch (NpgsqlException)
        {
            // Whoever asks does so again.
        }

        return null;
    }

    public async Task CreateJobs()
    {
        foreach (var (_, token) in suite.Tokens)
        {
            using var api = new Api(suite.Url.ToString(), token);
            foreach (var (job, settings) in Catalogue.Jobs)
            {
                var body = JsonSerializer.SerializeToNode(settings)!.AsObject();
                (body["name"], body["handler"]) = (job, job);
                var answer = await api.Persist(HttpMethod.Post, "/jobs/v1/_admin/jobs", body.ToJsonString());
                if (answer.Status is not (HttpStatusCode.Created or HttpStatusCode.OK))
                    throw new InvalidOperationException($"The job {job} was not created: {answer.Text}");
            }
        }
    }

    /// <summary>What is not done yet, in one look at the database, and what lies in queues.</summary>
    public async Task<IReadOnlyList<Leftover>> Leftovers()
    {
        const string sql =
            """
            select 'unfinished runs', count(*) from scheduler.run where status not in ('completed', 'failed', 'cancelled')
            union all select 'runs that are due and have ended', count(*) from scheduler.run where due and status in ('completed', 'failed', 'cancelled')
            union all select 'scheduler.outbox', count(*) from scheduler.outbox
            union all select 'executor.outbox', count(*) from executor.outbox
            union all select 'events.outbox', count(*) from events.outbox
            union all select 'scheduler.timer', count(*) from scheduler.timer
            union all select 'executor.lease', count(*) from executor.lease
            union all select 'jobs that count runs', count(*) from scheduler.job_load where due <> 0 or running <> 0
            """;
        try
        {
            List<Leftover> left = [];
            await using var database = await suite.OpenDatabase();
            await foreach (var row in Rows(database, sql))
                left.Add(new(row.GetString(0), row.GetInt64(1)));
            left.RemoveAll(x => x.Count == 0);
            // Asked only then: its answer is five seconds old, and so long nobody has to wait who has other things left.
            if (left.Count == 0)
                left.AddRange(await InQueues());
            return left;
        }
        catch (NpgsqlException)
        {
            return [new("PostgreSQL, which does not answer", 1)];
        }
    }

    public async Task<IReadOnlyList<Leftover>> InQueues() => await redeliveries.LeftInQueues(suite.Shape) ?? [new("RabbitMQ, which does not answer", 1)];

    /// <summary>What is known of some of the runs that have not ended, for whoever has to find out why.</summary>
    public async Task<IReadOnlyList<string>> Unfinished()
    {
        const string sql =
            """
            select r.id, format('%s of %s is %s, due %s, epoch %s attempt %s losses %s, created %s queued %s dispatched %s to %s, wakes %s; lease: %s; attempts: %s; load: %s; timer: %s',
                r.id, r.job, r.status, r.due, r.epoch, r.attempt, r.losses, r.created_at, r.queued_at, r.dispatched_at, r.executor, r.wake_at,
                (select format('epoch %s of %s since %s', l.epoch, l.instance, l.claimed_at) from executor.lease l where l.run_id = r.id),
                (select string_agg(format('%s %s at %s', a.epoch, a.outcome, a.ended_at), ', ' order by a.epoch) from executor.attempt a where a.run_id = r.id),
                (select format('due %s running %s', j.due, j.running) from scheduler.job_load j where j.org_id = r.org_id and j.job = r.job),
                (select format('%s epoch %s', t.due_at, t.epoch) from scheduler.timer t where t.run_id = r.id)), r.org_id
              from scheduler.run r where r.status not in ('completed', 'failed', 'cancelled') order by r.id limit 10
            """;
        var found = new List<(string Id, string Text, string Org)>();
        await using (var database = await suite.OpenDatabase())
            await foreach (var row in Rows(database, sql))
                found.Add((Id(row.GetGuid(0)), row.GetString(1), row.GetString(2)));
        var told = new List<string>();
        foreach (var (id, text, org) in found)
        {
            using var api = new Api(suite.Url.ToString(), suite.Tokens[org]);
            var answer = await api.Get($"/jobs/v1/runs/{id}");
            told.Add($"{id}: {text}; the API's reason: {answer.Json["reason"]}");
        }

        return told;
    }

    public async Task<History> Read(IReadOnlyList<WorkItem> items, IReadOnlyList<Call> calls, IReadOnlyList<Leftover> leftovers, IReadOnlyList<Miscount> miscounts, IReadOnlyList<FaultWindow> faults)
    {
        Lines();
        await using var database = await suite.OpenDatabase();
        return new(items, calls, ledger.Lines, await Runs(database), await Listed(), await Entries(database), await Events(database),
            await Attempts(database), await DeadLetters(database), leftovers, miscounts, faults);
    }

    async Task<IReadOnlyList<ListedRun>> Listed()
    {
        var listed = new List<ListedRun>();
        foreach (var (org, token) in suite.Tokens)
        {
            using var api = new Api(suite.Url.ToString(), token);
            foreach (var run in await Until.Some($"the runs of {org} are listed", () => AllRuns(api)))
                listed.Add(new(org, (string)run["id"]!, (string)run["job_id"]!, (string)run["status"]!, (int)run["attempt"]!));
        }

        return listed;
    }

    /// <summary>Null where one of the pages did not come: who is asked may still find that its connections to the database have ended.</summary>
    static async Task<IReadOnlyList<JsonNode>?> AllRuns(Api api)
    {
        try
        {
            return await api.All("/jobs/v1/runs?limit=500");
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    static async Task<IReadOnlyList<RunRow>> Runs(NpgsqlConnection database)
    {
        var runs = new List<RunRow>();
        await foreach (var row in Rows(database, "select org_id, id, job, status, attempt, payload, result, trigger_kind, created_at, completed_at from scheduler.run"))
            runs.Add(new(row.GetString(0), Id(row.GetGuid(1)), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetString(5),
                row.IsDBNull(6) ? null : row.GetString(6), row.GetString(7), row.GetFieldValue<DateTimeOffset>(8), row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9)));
        return runs;
    }

    static async Task<IReadOnlyList<Entry>> Entries(NpgsqlConnection database)
    {
        var entries = new List<Entry>();
        await foreach (var row in Rows(database, "select org_id, run_id, epoch, key, output, topics from executor.checkpoint order by seq"))
            entries.Add(new(row.GetString(0), Id(row.GetGuid(1)), row.GetInt32(2), row.GetString(3), row.GetString(4), row.IsDBNull(5) ? [] : JsonSerializer.Deserialize<string[]>(row.GetString(5))!));
        return entries;
    }

    static async Task<IReadOnlyList<EventRow>> Events(NpgsqlConnection database)
    {
        var events = new List<EventRow>();
        await foreach (var row in Rows(database, "select org_id, topic, payload, source_run from events.event"))
            events.Add(new(row.GetString(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : Id(row.GetGuid(3))));
        return events;
    }

    static async Task<IReadOnlyList<AttemptRow>> Attempts(NpgsqlConnection database)
    {
        var attempts = new List<AttemptRow>();
        await foreach (var row in Rows(database, "select org_id, run_id, epoch, outcome, worker <> '', started_at, ended_at from executor.attempt"))
            attempts.Add(new(row.GetString(0), Id(row.GetGuid(1)), row.GetInt32(2), row.GetString(3), row.GetBoolean(4),
                row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6)));
        return attempts;
    }

    static async Task<IReadOnlyList<DeadLetterRow>> DeadLetters(NpgsqlConnection database)
    {
        var letters = new List<DeadLetterRow>();
        await foreach (var row in Rows(database, "select org_id, run_id from scheduler.dead_letter"))
            letters.Add(new(row.GetString(0), Id(row.GetGuid(1))));
        return letters;
    }

    static async IAsyncEnumerable<NpgsqlDataReader> Rows(NpgsqlConnection database, string sql)
    {
        await using var command = new NpgsqlCommand(sql, database);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            yield return reader;
    }

    static string Id(Guid value) => new RunId(value).ToString();
}
