using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Fires;

/// <summary>A trigger, and the org that it is of.</summary>
public readonly record struct TriggerKey(string OrgId, string Id);

/// <summary>The open fires of a trigger, and what their runs are made of. No settings: the trigger is gone.</summary>
public sealed record OpenFires(string Job, CronTrigger? Settings, IReadOnlyList<OpenFire> Fires);

/// <summary>What a sweep finds.</summary>
public sealed record CronWork(List<TriggerKey> Due, List<TriggerKey> Unstarted);

/// <summary>Cron triggers and their ledger in PostgreSQL.</summary>
public sealed class FireStore(ServiceDatabase database)
{
    /// <summary>Enough for a queue and what is before it: what comes first is read first.</summary>
    public const int MostOpen = 200;

    /// <summary>Makes a new trigger fire from now on, in the transaction that keeps it.</summary>
    public static async Task<bool> Begin(NpgsqlConnection connection, TriggerRow row, CancellationToken stop)
    {
        await using var command = Command(
            connection, "insert into cron_trigger (org_id, trigger_id, decided_until, next_at) values ($1, $2, $3, $4)",
            row.OrgId, row.Id, row.CreatedAt, CronTrigger.Of(row.Settings).Schedule.Next(row.CreatedAt)?.At);
        return await command.ExecuteNonQueryAsync(stop) > 0;
    }

    /// <summary>Whether there is a cron trigger, or something left of one, of whatever org.</summary>
    public Task<bool> Any() => database.Look(async connection =>
    {
        await using var command = Command(connection, "select exists (select from cron_trigger) or exists (select from fire where open and started_at is null)");
        return (bool)(await command.ExecuteScalarAsync())!;
    });

    /// <summary>Triggers whose next time has come, the longest ago first; and those with fires that were decided before a moment and whose runs have not started.</summary>
    public Task<CronWork> Work(DateTimeOffset now, int most, DateTimeOffset decidedBefore) => database.Look(async connection =>
    {
        await using var command = Command(
            connection,
            """
            (select org_id, trigger_id, true from cron_trigger where next_at <= $1 order by next_at limit $2)
            union all (select distinct org_id, trigger_id, false from fire where open and started_at is null and decided_at < $3)
            """, now, most, decidedBefore);
        await using var reader = await command.ExecuteReaderAsync();
        var work = new CronWork([], []);
        while (await reader.ReadAsync())
            (reader.GetBoolean(2) ? work.Due : work.Unstarted).Add(new(reader.GetString(0), reader.GetString(1)));
        return work;
    });

    /// <summary>
    /// One turn of a trigger: under its lock, what becomes of its times is decided and written. Null where the trigger is gone or, unless the
    /// caller waits, somebody else has the turn, and where nothing is decided.
    /// </summary>
    public Task<FireDecision?> Turn(TriggerKey key, bool waits, Func<CronState, FireDecision?> decide, Func<DateTimeOffset> now, CancellationToken stop = default) =>
        database.InOrg<FireDecision?>(key.OrgId, async connection =>
        {
            if (await State(connection, key, waits, stop) is not { } state)
                return null;
            if (decide(state) is not { } decision)
                return null;
            var written = decision.Fires.Count == 0 ? [] : await Write(connection, key, state.Job, decision.Fires, now(), stop);
            await using var command = Command(connection,
                "with own as (update cron_trigger set decided_until = $3, next_at = $4 where org_id = $1 and trigger_id = $2) update trigger set paused = $5 where org_id = $1 and id = $2 and paused <> $5",
                key.OrgId, key.Id, decision.DecidedUntil, decision.NextAt, decision.Paused);
            await command.ExecuteNonQueryAsync(stop);
            return decision with { Fires = [.. decision.Fires.Where(x => written.Contains(x.NominalAt))] };
        }, stop);

    /// <summary>Puts a fire into the ledger that no schedule has decided; false where there is one of that time.</summary>
    public Task<bool> Add(TriggerKey key, string job, Fire fire, DateTimeOffset now, CancellationToken stop) =>
        database.InOrg(key.OrgId, async connection => (await Write(connection, key, job, [fire], now, stop)).Count == 1, stop);

    /// <summary>The oldest that are open.</summary>
    public Task<OpenFires?> Open(TriggerKey key) => database.InOrg<OpenFires?>(key.OrgId, async connection =>
    {
        var open = new List<OpenFire>();
        var (job, settings) = ("", (string?)null);
        await using var command = Command(connection, OpenSql, key.OrgId, key.Id, MostOpen);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            (job, settings) = (reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1));
            var started = !reader.IsDBNull(5);
            open.Add(new(RunRow.Time(reader, 2)!.Value, new(reader.GetGuid(3)), reader.GetBoolean(4), started, started && (reader.IsDBNull(6) || RunStatus.IsFinal(reader.GetString(6)))));
        }

        return open.Count == 0 ? null : new(job, settings is null ? null : CronTrigger.Of(settings), open);
    });

    /// <summary>Says of fires that their runs are accepted.</summary>
    /// <param name="isOpen">Whether it matters when they end.</param>
    public Task Started(TriggerKey key, IEnumerable<OpenFire> fires, bool isOpen, DateTimeOffset now) => Update(
        key, fires, "update fire set started_at = $4, open = $5 where org_id = $1 and trigger_id = $2 and nominal_at = any($3) and started_at is null", now, isOpen);

    /// <summary>Says of fires that they start no run after all.</summary>
    public Task Omitted(TriggerKey key, IEnumerable<OpenFire> fires, string reason) => Update(
        key, fires,
        $"""
        update fire set outcome = '{FireOutcomes.Skipped}', reason = concat_ws('; ', reason, $4), run_id = null, open = false
        where org_id = $1 and trigger_id = $2 and nominal_at = any($3) and open and started_at is null
        """, reason);

    /// <summary>Says of fires that their runs have ended.</summary>
    public Task Ended(TriggerKey key, IEnumerable<OpenFire> fires) => Update(
        key, fires, "update fire set open = false where org_id = $1 and trigger_id = $2 and nominal_at = any($3) and started_at is not null");

    /// <summary>The ledger of a trigger, the newest first.</summary>
    /// <param name="until">Itself not included.</param>
    public Task<List<FireView>> Ledger(TriggerKey key, DateTimeOffset from, DateTimeOffset until, int most, CancellationToken stop) => database.InOrg(key.OrgId, async connection =>
    {
        await using var command = Command(connection,
            """
            select nominal_at, outcome, run_id, started_at, reason from fire
            where org_id = $1 and trigger_id = $2 and nominal_at >= $3 and nominal_at < $4 order by nominal_at desc limit $5
            """, key.OrgId, key.Id, from, until, most);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var fires = new List<FireView>();
        while (await reader.ReadAsync(stop))
        {
            var (hasRun, isStarted) = (!reader.IsDBNull(2), !reader.IsDBNull(3));
            fires.Add(new(
                RunRow.Time(reader, 0)!.Value, hasRun && !isStarted ? FireOutcomes.Queued : reader.GetString(1),
                hasRun && isStarted ? new RunId(reader.GetGuid(2)).ToString() : null, reader.IsDBNull(4) ? null : reader.GetString(4)));
        }

        return fires;
    }, stop);

    static async Task<CronState?> State(NpgsqlConnection connection, TriggerKey key, bool waits, CancellationToken stop)
    {
        await using var command = Command(connection,
            $"select t.job, t.settings, t.paused, c.decided_until from cron_trigger c join trigger t on t.org_id = c.org_id and t.id = c.trigger_id where c.org_id = $1 and c.trigger_id = $2 for update of c{(waits ? "" : " skip locked")}",
            key.OrgId, key.Id);
        string job, text;
        bool paused;
        DateTimeOffset decidedUntil;
        await using (var reader = await command.ExecuteReaderAsync(stop))
        {
            if (!await reader.ReadAsync(stop))
                return null;
            (job, text, paused, decidedUntil) = (reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), RunRow.Time(reader, 3)!.Value);
        }

        var settings = CronTrigger.Of(text);
        return new(key.Id, job, settings, paused, decidedUntil, settings.Overlap == Overlap.Allow ? [] : await Unfinished(connection, key, stop));
    }

    static async Task<List<RunId>> Unfinished(NpgsqlConnection connection, TriggerKey key, CancellationToken stop)
    {
        await using var command = Command(connection,
            $"""
            select f.run_id from fire f left join run r on r.org_id = f.org_id and r.id = f.run_id
            where f.org_id = $1 and f.trigger_id = $2 and f.open and (f.started_at is null or r.status in ({Unended})) order by f.nominal_at limit $3
            """, key.OrgId, key.Id, Overlap.LongestQueue + 1);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var runs = new List<RunId>();
        while (await reader.ReadAsync(stop))
            runs.Add(new(reader.GetGuid(0)));
        return runs;
    }

    static async Task<HashSet<DateTimeOffset>> Write(NpgsqlConnection connection, TriggerKey key, string job, IReadOnlyList<Fire> fires, DateTimeOffset now, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection);
        new BatchBuilder(batch).Statement(
            """
            insert into fire (org_id, trigger_id, job, decided_at, nominal_at, outcome, reason, run_id, by_hand, open)
            select $1, $2, $3, $4, *, u.run_id is not null from unnest($5, $6, $7, $8, $9) u(nominal_at, outcome, reason, run_id, by_hand)
            on conflict (org_id, trigger_id, nominal_at) do nothing returning nominal_at
            """)
            .Value(key.OrgId, NpgsqlDbType.Text).Value(key.Id, NpgsqlDbType.Text).Value(job, NpgsqlDbType.Text).Value(now.UtcDateTime, NpgsqlDbType.TimestampTz)
            .Time(fires, x => x.NominalAt).Text(fires, x => x.Outcome).Text(fires, x => x.Reason).MaybeUuid(fires, x => x.RunId?.Value).Bool(fires, x => x.ByHand);
        await using var reader = await batch.ExecuteReaderAsync(stop);
        var written = new HashSet<DateTimeOffset>();
        while (await reader.ReadAsync(stop))
            written.Add(RunRow.Time(reader, 0)!.Value);
        return written;
    }

    Task Update(TriggerKey key, IEnumerable<OpenFire> fires, string sql, params object[] values) => database.InOrg(key.OrgId, async connection =>
    {
        await using var command = Command(connection, sql, [key.OrgId, key.Id, fires.Select(x => x.NominalAt.UtcDateTime).ToArray(), .. values]);
        return await command.ExecuteNonQueryAsync();
    });

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value switch { DateTimeOffset time => time.UtcDateTime, null => DBNull.Value, _ => value } });
        return command;
    }

    static readonly string Unended = string.Join(", ", RunStatus.All.Where(x => !RunStatus.IsFinal(x)).Select(x => $"'{x}'"));

    const string OpenSql =
        """
        select f.job, t.settings, f.nominal_at, f.run_id, f.by_hand, f.started_at, r.status
        from fire f left join run r on r.org_id = f.org_id and r.id = f.run_id left join trigger t on t.org_id = f.org_id and t.id = f.trigger_id
        where f.org_id = $1 and f.trigger_id = $2 and f.open order by f.nominal_at limit $3
        """;
}
