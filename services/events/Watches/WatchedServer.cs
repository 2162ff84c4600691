using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Changes;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Events.Watches;

/// <summary>The server of a watched database: its catalogue, and the slot and the publications that are ours there. Each call has a connection of its own, and is over soon.</summary>
public sealed class WatchedServer(WatchedDatabase watched)
{
    const string ApplicationName = "reactor-jobs";

    /// <summary>Seconds to connect, and for one statement: somebody waits.</summary>
    const int Patience = 3;

    // What columns print as text is what these say; a database or a role may have others.
    const string TextSettings = "-c DateStyle=ISO -c TimeZone=UTC -c IntervalStyle=postgres -c bytea_output=hex -c extra_float_digits=1";

    /// <summary>For the messages of the slot; to be opened and started by who reads it.</summary>
    public LogicalReplicationConnection Replication() => new(new NpgsqlConnectionStringBuilder(watched.Connection)
    {
        Timeout = Patience,
        ApplicationName = ApplicationName,
        Options = TextSettings,
        Pooling = false,
        Multiplexing = false,
    }.ConnectionString);

    public async Task<NpgsqlConnection> Open(CancellationToken stop)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(watched.Connection)
        {
            Timeout = Patience,
            CommandTimeout = Patience + 1,
            ApplicationName = ApplicationName,
            Pooling = false,
            Multiplexing = false,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(stop);
            await Execute(connection, $"set statement_timeout = '{Patience}s'; set lock_timeout = '{Patience - 1}s'; set search_path = pg_catalog", stop);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public static async Task<TableFacts> Look(NpgsqlConnection connection, TableName table, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(
                    $"""
                    select current_setting('wal_level'), current_user::text, c.relkind, c.relpersistence,
                      (select format('%I.%I', rn.nspname, r.relname) from pg_partition_root(c.oid) root(id) join pg_class r on r.oid = root.id join pg_namespace rn on rn.oid = r.relnamespace where c.relispartition),
                      n.nspname in ('pg_catalog', 'information_schema', 'pg_toast') or coalesce(to_regrole('{DatabaseOptions.Owner}')::oid in (n.nspowner, c.relowner), false),
                      pg_has_role(c.relowner, 'usage')
                    from (select 1) one
                    left join (pg_class c join pg_namespace n on n.oid = c.relnamespace) on n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                    """) { Parameters = { new() { Value = table.Schema }, new() { Value = table.Table } } },
                new(
                    """
                    select a.attname, case c.relreplident
                        when 'f' then true
                        when 'n' then false
                        else exists (
                          select from pg_index i
                          where i.indrelid = c.oid and a.attnum = any (i.indkey) and case c.relreplident when 'i' then i.indisreplident else i.indisprimary and i.indisvalid end) end,
                      a.attgenerated <> ''
                    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
                    where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped order by a.attnum
                    """) { Parameters = { new() { Value = table.Schema }, new() { Value = table.Table } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        await reader.ReadAsync(stop);
        var isThere = !await reader.IsDBNullAsync(2, stop);
        var (level, role, kind, persistence) = (reader.GetString(0), reader.GetString(1), isThere ? reader.GetChar(2) : default(char?), isThere ? reader.GetChar(3) : 'p');
        var (root, isInternal, mayPublish) = (await reader.IsDBNullAsync(4, stop) ? null : reader.GetString(4), isThere && reader.GetBoolean(5), isThere && reader.GetBoolean(6));
        await reader.NextResultAsync(stop);
        var columns = new List<TableColumn>();
        while (await reader.ReadAsync(stop))
            columns.Add(new(reader.GetString(0), reader.GetBoolean(1), reader.GetBoolean(2)));
        await reader.DisposeAsync();
        return new(level, role, kind, persistence, root, isInternal, mayPublish, columns, isThere ? [] : await Tables(connection, stop));
    }

    /// <summary>Those that could be meant.</summary>
    static async Task<IReadOnlyList<string>> Tables(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
              and coalesce(to_regrole('{DatabaseOptions.Owner}')::oid not in (n.nspowner, c.relowner), true) order by c.relname limit 500
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var tables = new List<string>();
        while (await reader.ReadAsync(stop))
            tables.Add(new TableName(reader.GetString(0), reader.GetString(1)).ToString());
        return tables;
    }

    /// <summary>What the catalogue says of these types, and of those that they are made of.</summary>
    public async Task<IReadOnlyDictionary<uint, CatalogueType>> Types(IReadOnlyCollection<uint> ids, CancellationToken stop)
    {
        await using var connection = await Open(stop);
        await using var command = new NpgsqlCommand(
            """
            with recursive type as (
              select t.oid, t.typtype, t.typcategory, t.typelem, t.typbasetype, t.typdelim from pg_type t where t.oid = any ($1)
              union
              select t.oid, t.typtype, t.typcategory, t.typelem, t.typbasetype, t.typdelim from type join pg_type t on t.oid in (type.typbasetype, case type.typcategory when 'A' then type.typelem end))
            select oid, typtype, typcategory = 'A' and typelem <> 0, typelem, typbasetype, typdelim from type
            """, connection)
        { Parameters = { new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Oid } } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var types = new Dictionary<uint, CatalogueType>();
        while (await reader.ReadAsync(stop))
            types.Add(reader.GetFieldValue<uint>(0), new(
                reader.GetFieldValue<uint>(0), reader.GetChar(1), reader.GetBoolean(2), reader.GetFieldValue<uint>(3), reader.GetFieldValue<uint>(4), reader.GetChar(5)));
        return types;
    }

    /// <summary>Everything that has committed so far is before it.</summary>
    public static async Task<NpgsqlLogSequenceNumber> Now(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("select pg_current_wal_insert_lsn()", connection);
        return (NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(stop))!;
    }

    /// <summary>Null where the server has no such slot.</summary>
    public static async Task<SlotStatus?> Status(NpgsqlConnection connection, string slot, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            """
            select s.active, s.wal_status, coalesce(now.lsn - s.restart_lsn, 0)::bigint, coalesce(now.lsn - s.confirmed_flush_lsn, 0)::bigint,
              nullif((select setting::bigint from pg_settings where name = 'max_slot_wal_keep_size'), -1) << 20, now.lsn
            from pg_replication_slots s, (select pg_current_wal_insert_lsn() as lsn) now where s.slot_name = $1
            """, connection)
        { Parameters = { new() { Value = slot } } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        if (!await reader.ReadAsync(stop))
            return null;
        return new(
            reader.GetBoolean(0), await reader.IsDBNullAsync(1, stop) ? null : reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3),
            await reader.IsDBNullAsync(4, stop) ? null : reader.GetInt64(4), reader.GetFieldValue<NpgsqlLogSequenceNumber>(5));
    }

    internal static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
