using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Watches;

/// <summary>Watches and their triggers, as they are kept.</summary>
public sealed class WatchStore(ServiceDatabase database, TimeProvider time)
{
    /// <summary>Told apart from other advisory locks by this number.</summary>
    const string WatchLocks = "1381321807";

    /// <summary>Kept before anything is made in the watched database, so that whatever happens it is known what there is to take away.</summary>
    public Task<Watch> Ensure(Watch fresh, CancellationToken stop) => database.InOrg(fresh.OrgId, async connection =>
    {
        await Run(connection, "insert into watch (org_id, name, slot, created_at) values ($1, $2, $3, $4) on conflict do nothing", stop, fresh.OrgId, fresh.Name, fresh.Slot, time.GetUtcNow());
        return (await Find(connection, fresh.OrgId, fresh.Name, stop))!;
    }, stop);

    /// <summary>In a transaction in which nobody else changes what is watched; null stands for a watch that is gone.</summary>
    public Task<T> Locked<T>(string orgId, string name, Func<NpgsqlConnection, Watch?, Task<T>> work, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await Run(connection, $"select pg_advisory_xact_lock({WatchLocks}, hashtext($1 || chr(31) || $2))", stop, orgId, name);
        return await work(connection, await Find(connection, orgId, name, stop));
    }, stop);

    public static async Task<bool> IsMade(NpgsqlConnection connection, Watch watch, CancellationToken stop) =>
        await Scalar(connection, "select made from watch where org_id = $1 and name = $2", stop, watch.OrgId, watch.Name) is true;

    /// <summary>The slot is there, and new: all that it sends is new.</summary>
    public static Task SetMade(NpgsqlConnection connection, Watch watch, CancellationToken stop) =>
        Run(connection, "update watch set made = true, commit_lsn = '0/0', taken = 0 where org_id = $1 and name = $2", stop, watch.OrgId, watch.Name);

    /// <summary>One that is there keeps its age, and what it has seen.</summary>
    public static Task Put(NpgsqlConnection connection, Watch watch, DataTrigger trigger, DateTimeOffset now, CancellationToken stop) => Run(connection,
        """
        insert into data_trigger (org_id, trigger_id, name, table_schema, table_name, operations, condition, job, from_lsn, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (org_id, trigger_id) do update set operations = excluded.operations, condition = excluded.condition, job = excluded.job
        """, stop, watch.OrgId, trigger.TriggerId, watch.Name, trigger.Table.Schema, trigger.Table.Table, trigger.Operations.ToArray(),
        trigger.Condition is { } condition ? condition.ToString() : DBNull.Value, trigger.Job, trigger.From, now);

    /// <summary>The trigger itself is kept: from now on it starts runs. False where there is none.</summary>
    public Task<bool> Confirm(string orgId, string triggerId, CancellationToken stop) => database.InOrg(orgId, async connection =>
        await Run(connection, "update data_trigger set confirmed = true where org_id = $1 and trigger_id = $2", stop, orgId, triggerId) > 0, stop);

    /// <summary>Gives back whose it was; null where there is none.</summary>
    public Task<string?> Remove(string orgId, string triggerId, CancellationToken stop) => database.InOrg(orgId, async connection =>
        await Scalar(connection, "delete from data_trigger where org_id = $1 and trigger_id = $2 returning name", stop, orgId, triggerId) as string, stop);

    public static async Task<List<TableName>> Tables(NpgsqlConnection connection, Watch watch, CancellationToken stop)
    {
        await using var command = Command(connection, "select distinct table_schema, table_name from data_trigger where org_id = $1 and name = $2", watch.OrgId, watch.Name);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var tables = new List<TableName>();
        while (await reader.ReadAsync(stop))
            tables.Add(new(reader.GetString(0), reader.GetString(1)));
        return tables;
    }

    public Task<List<(TableName Table, string[] Operations)>> Read(Watch watch, CancellationToken stop) => database.InOrg(watch.OrgId, async connection =>
    {
        await using var command = Command(connection, "select table_schema, table_name, operations from data_trigger where org_id = $1 and name = $2", watch.OrgId, watch.Name);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var triggers = new List<(TableName, string[])>();
        while (await reader.ReadAsync(stop))
            triggers.Add((new(reader.GetString(0), reader.GetString(1)), reader.GetFieldValue<string[]>(2)));
        return triggers;
    }, stop);

    public static Task Forget(NpgsqlConnection connection, Watch watch, CancellationToken stop) => Run(connection,
        """
        with gaps as (delete from watch_gap where org_id = $1 and name = $2)
        delete from watch where org_id = $1 and name = $2
        """, stop, watch.OrgId, watch.Name);

    public static Task AddGap(NpgsqlConnection connection, Watch watch, NpgsqlLogSequenceNumber until, string reason, DateTimeOffset now, CancellationToken stop) => Run(connection,
        """
        insert into watch_gap (org_id, name, from_lsn, until_lsn, reason, noticed_at)
        select org_id, name, commit_lsn, $3, $4, $5 from watch where org_id = $1 and name = $2
        """, stop, watch.OrgId, watch.Name, until, reason, now);

    public Task SetState(Watch watch, string state, string? problem, CancellationToken stop) => database.InOrg(watch.OrgId, connection =>
        Run(connection, "update watch set state = $3, problem = $4 where org_id = $1 and name = $2", stop, watch.OrgId, watch.Name, state, problem is null ? DBNull.Value : problem), stop);

    /// <summary>Whoever knows this is reading, whatever another process has met that was not.</summary>
    public Task SetLag(Watch watch, WatchLag lag, IReadOnlyDictionary<TableName, string?> problems, CancellationToken stop) => database.InOrg(watch.OrgId, async connection =>
    {
        await Run(connection, "update watch set state = 'streaming', problem = null, lag_bytes = $3, lag_seconds = $4, slot_state = $5, looked_at = $6 where org_id = $1 and name = $2", stop,
            watch.OrgId, watch.Name, lag.Bytes, lag.Seconds, lag.SlotState, time.GetUtcNow());
        foreach (var (table, problem) in problems)
            await Run(connection,
                """
                update data_trigger set problem = $5
                where org_id = $1 and name = $2 and table_schema = $3 and table_name = $4 and problem is distinct from $5
                """, stop, watch.OrgId, watch.Name, table.Schema, table.Table, problem is null ? DBNull.Value : problem);
        return true;
    }, stop);

    /// <summary>Every org's; those without a trigger are to be taken away.</summary>
    public async Task<List<KnownWatch>> All(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand(
            """
            select w.org_id, w.name, w.slot, w.made, w.created_at, w.state, exists (select from data_trigger t where t.org_id = w.org_id and t.name = w.name)
            from watch w order by w.org_id, w.name
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var watches = new List<KnownWatch>();
        while (await reader.ReadAsync(stop))
            watches.Add(new(
                new(reader.GetString(0), reader.GetString(1), reader.GetString(2)), reader.GetBoolean(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5), reader.GetBoolean(6)));
        return watches;
    }

    /// <summary>Triggers of which it is not known, after a while, whether they were kept.</summary>
    public async Task<List<(string OrgId, string TriggerId)>> Unconfirmed(DateTimeOffset before, CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = Command(connection, "select org_id, trigger_id from data_trigger where not confirmed and created_at < $1 limit 100", before);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var found = new List<(string, string)>();
        while (await reader.ReadAsync(stop))
            found.Add((reader.GetString(0), reader.GetString(1)));
        return found;
    }

    static async Task<Watch?> Find(NpgsqlConnection connection, string orgId, string name, CancellationToken stop) =>
        await Scalar(connection, "select slot from watch where org_id = $1 and name = $2", stop, orgId, name) is string slot ? new(orgId, name, slot) : null;

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(stop);
    }

    static async Task<int> Run(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>The driver does not find this type by itself.</summary>
    internal static NpgsqlParameter Position(NpgsqlLogSequenceNumber position) => new() { Value = position, NpgsqlDbType = NpgsqlDbType.PgLsn };

    static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(value is NpgsqlLogSequenceNumber position ? Position(position) : new() { Value = value });
        return command;
    }
}

/// <summary>How far a watch is behind.</summary>
/// <param name="Seconds">Since when the oldest change waits that is not taken in.</param>
/// <param name="SlotState">What the server says of the write-ahead log that the slot needs.</param>
public sealed record WatchLag(long Bytes, double Seconds, string SlotState);

/// <summary>A watch as any process sees it.</summary>
/// <param name="IsMade">Slot and publications are there.</param>
public sealed record KnownWatch(Watch Watch, bool IsMade, DateTimeOffset CreatedAt, string State, bool HasTriggers);
