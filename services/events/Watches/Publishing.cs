using Npgsql;
using ReactorJobs.Contracts;

namespace ReactorJobs.Events.Watches;

/// <summary>What a watch has in the watched database: two publications and the slot. Each statement may be repeated.</summary>
static class Publishing
{
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    /// <summary>The publications come first: the slot reads from its beginning on by what is published there.</summary>
    public static async Task Make(NpgsqlConnection connection, Watch watch, CancellationToken stop)
    {
        foreach (var (publication, operations) in new[] { (watch.Publication, "insert, update, delete"), (watch.InsertPublication, "insert") })
            if (!await IsThere(connection, "select exists (select from pg_publication where pubname = $1)", publication, stop))
                await WatchedServer.Execute(connection, $"create publication {publication} with (publish = '{operations}', publish_via_partition_root = true)", stop);
        if (!await IsThere(connection, "select exists (select from pg_replication_slots where slot_name = $1)", watch.Slot, stop))
            await WatchedServer.Execute(connection, $"select pg_create_logical_replication_slot('{watch.Slot}', 'pgoutput')", stop);
    }

    /// <summary>
    /// Publishes these tables and no others. A table is locked against writers while it is added, so that whoever writes to it has either committed before
    /// or is seen.
    /// </summary>
    public static async Task Align(NpgsqlConnection connection, Watch watch, IReadOnlyCollection<(TableName Table, bool HasIdentity)> wanted, CancellationToken stop)
    {
        var there = await Published(connection, watch, stop);
        foreach (var (publication, table) in there)
            if (!wanted.Any(x => x.Table == table && PublicationOf(watch, x.HasIdentity) == publication))
                await WatchedServer.Execute(connection, $"alter publication {publication} drop table only {Quoted(table)}", stop);
        foreach (var (table, hasIdentity) in wanted)
            if (!there.Contains((PublicationOf(watch, hasIdentity), table)))
                await Add(connection, watch, table, hasIdentity, stop);
    }

    /// <summary>Publishes one more.</summary>
    public static async Task AddMissing(NpgsqlConnection connection, Watch watch, TableName table, bool hasIdentity, CancellationToken stop)
    {
        if (!(await Published(connection, watch, stop)).Contains((PublicationOf(watch, hasIdentity), table)))
            await Add(connection, watch, table, hasIdentity, stop);
    }

    public static async Task<bool> IsAligned(NpgsqlConnection connection, Watch watch, IReadOnlyCollection<(TableName Table, bool HasIdentity)> wanted, CancellationToken stop) =>
        (await Published(connection, watch, stop)).SetEquals(wanted.Select(x => (PublicationOf(watch, x.HasIdentity), x.Table)));

    /// <summary>Leaves nothing: whoever reads the slot is ended, whatever process that is.</summary>
    public static async Task Drop(NpgsqlConnection connection, Watch watch, TimeProvider time, CancellationToken stop)
    {
        await DropSlot(connection, watch, time, stop);
        foreach (var publication in new[] { watch.Publication, watch.InsertPublication })
            await WatchedServer.Execute(connection, $"drop publication if exists {publication}", stop);
    }

    public static async Task DropSlot(NpgsqlConnection connection, Watch watch, TimeProvider time, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await WatchedServer.Execute(
                    connection,
                    $"""
                    select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '{watch.Slot}' and active;
                    select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '{watch.Slot}'
                    """, stop);
                return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                // Its reader is about to end.
                await Task.Delay(BetweenTries, time, stop);
            }
        }
    }

    public static string Quoted(TableName table) => $"{Quoted(table.Schema)}.{Quoted(table.Table)}";

    static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    static Task Add(NpgsqlConnection connection, Watch watch, TableName table, bool hasIdentity, CancellationToken stop) => WatchedServer.Execute(
        connection, $"begin; lock table {Quoted(table)} in share row exclusive mode; alter publication {PublicationOf(watch, hasIdentity)} add table only {Quoted(table)}; commit", stop);

    static string PublicationOf(Watch watch, bool hasIdentity) => hasIdentity ? watch.Publication : watch.InsertPublication;

    static async Task<HashSet<(string Publication, TableName Table)>> Published(NpgsqlConnection connection, Watch watch, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            """
            select p.pubname, n.nspname, c.relname from pg_publication p join pg_publication_rel r on r.prpubid = p.oid
            join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace where p.pubname = any ($1)
            """, connection)
        { Parameters = { new() { Value = new[] { watch.Publication, watch.InsertPublication } } } };
        await using var reader = await command.ExecuteReaderAsync(stop);
        var there = new HashSet<(string, TableName)>();
        while (await reader.ReadAsync(stop))
            there.Add((reader.GetString(0), new(reader.GetString(1), reader.GetString(2))));
        return there;
    }

    static async Task<bool> IsThere(NpgsqlConnection connection, string question, string name, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(question, connection) { Parameters = { new() { Value = name } } };
        return (bool)(await command.ExecuteScalarAsync(stop))!;
    }
}
