using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Scheduler.Retention;

/// <summary>
/// Deletes what is past its job's retention period, in small batches that do not disturb the hot path (semantics 28), and idempotency keys
/// that have expired.
/// </summary>
public sealed class RunRetention(ServiceDatabase database, TimeProvider time)
{
    const int Batch = 500;

    /// <summary>One round over all jobs; gives the number of runs deleted.</summary>
    public async Task<int> Round(CancellationToken stop)
    {
        var deleted = 0;
        var least = new byte[10];
        foreach (var (org, job, days) in await Jobs(stop))
        {
            // Ids are ordered by age: everything below this one was created before the period.
            var oldest = Ulid.Create(time.GetUtcNow().AddDays(-days), least);
            int round;
            do
            {
                round = await database.InOrg(org, connection => DeleteRuns(connection, org, job, oldest, stop), stop);
                deleted += round;
            }
            while (round == Batch && !stop.IsCancellationRequested);
            await database.InOrg(org, connection => Execute(connection,
                "delete from idempotency where org_id = $1 and job = $2 and expires_at < $3", stop, org, job, time.GetUtcNow().UtcDateTime), stop);
        }

        return deleted;
    }

    static Task<int> DeleteRuns(NpgsqlConnection connection, string org, string job, Guid oldest, CancellationToken stop) => Execute(connection,
        $"""
        with old as (
          select id from run where org_id = $1 and job = $2 and id < $3 and completed_at is not null order by id limit {Batch}),
        letters as (delete from dead_letter d using old where d.org_id = $1 and d.job = $2 and d.run_id = old.id)
        delete from run r using old where r.org_id = $1 and r.id = old.id
        """, stop, org, job, oldest);

    async Task<List<(string Org, string Job, int Days)>> Jobs(CancellationToken stop)
    {
        await using var connection = await database.OpenSweep(stop);
        await using var command = new NpgsqlCommand("select org_id, name, retention_days from job order by org_id, name", connection);
        await using var reader = await command.ExecuteReaderAsync(stop);
        var jobs = new List<(string, string, int)>();
        while (await reader.ReadAsync(stop))
            jobs.Add((reader.GetString(0), reader.GetString(1), reader.GetInt32(2)));
        return jobs;
    }

    static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync(stop);
    }
}
