using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Retention;

/// <summary>
/// Deletes what is left of runs that began before the retention period. A run's id begins with its time, so age is a range of the
/// primary key; runs that hold a lease stay.
/// </summary>
public sealed class RunRetention(ServiceDatabase database, TimeSpan keep, TimeProvider time)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    const int Batch = 1000;
    static readonly string[] Tables = ["checkpoint", "attempt", "log"];

    public async Task Sweep(CancellationToken stop)
    {
        var before = Ulid.Create(time.GetUtcNow() - keep, new byte[10]);
        foreach (var org in await Orgs(stop))
            foreach (var table in Tables)
                while (await Delete(org, table, before, stop) == Batch)
                    await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop); // the hot path goes first
    }

    async Task<List<string>> Orgs(CancellationToken stop)
    {
        var orgs = new SortedSet<string>(StringComparer.Ordinal);
        await using var connection = await database.OpenSweep(stop);
        foreach (var table in Tables)
        {
            // One probe of the index per org instead of a scan of all rows.
            await using var command = new NpgsqlCommand(
                $"""
                with recursive org(id) as (
                  (select org_id from {table} order by org_id limit 1)
                  union all
                  select (select t.org_id from {table} t where t.org_id > org.id order by t.org_id limit 1) from org where org.id is not null)
                select id from org where id is not null
                """, connection);
            await using var rows = await command.ExecuteReaderAsync(stop);
            while (await rows.ReadAsync(stop))
                orgs.Add(rows.GetString(0));
        }

        return [.. orgs];
    }

    Task<int> Delete(string org, string table, Guid before, CancellationToken stop) => database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            delete from {table} where ctid = any(array(
              select t.ctid from {table} t where t.org_id = $1 and t.run_id < $2
                and not exists (select from lease l where l.org_id = t.org_id and l.run_id = t.run_id)
              order by t.run_id limit {Batch}))
            """, connection) { Parameters = { One(org, NpgsqlDbType.Text), One(before, NpgsqlDbType.Uuid) } };
        return await command.ExecuteNonQueryAsync(stop);
    }, stop);
}
