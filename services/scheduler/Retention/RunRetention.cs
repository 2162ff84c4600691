using System.Net.Http.Json;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Scheduler.Retention;

/// <summary>
/// Deletes what is past its job's retention period, counted from the run's end, in small batches that do not disturb the hot path
/// (semantics 28), the ledger of cron triggers too, and idempotency keys that have expired. The executor's part of a run goes first: what is left half done is done again.
/// </summary>
public sealed class RunRetention(ServiceDatabase database, InternalCalls calls, TimeProvider time)
{
    const int Batch = 500;

    /// <summary>A deleted job stays for the runs that name it; with the last of them it goes. Its counters are locked first, as every group does.</summary>
    const string Forget =
        """
        with counters as (select 1 from job_load where org_id = $1 and job = $2 for update),
        gone as (
          delete from job where org_id = $1 and name = $2 and deleted_at is not null and exists (select from counters)
            and not exists (select from run where org_id = $1 and job = $2) and not exists (select from fire where org_id = $1 and job = $2)
            and not exists (select from idempotency where org_id = $1 and job = $2)
          returning name)
        delete from job_load where org_id = $1 and job in (select name from gone)
        """;

    /// <summary>One round over all jobs; gives the number of runs deleted.</summary>
    public async Task<int> Round(CancellationToken stop)
    {
        var deleted = 0;
        var least = new byte[10];
        foreach (var (org, job, days) in await Jobs(stop))
        {
            var endedBefore = time.GetUtcNow().AddDays(-days);
            int round;
            do
            {
                round = await DeleteRuns(org, job, endedBefore, Ulid.Create(endedBefore, least), stop);
                deleted += round;
            }
            while (round == Batch && !stop.IsCancellationRequested);
            await FireRetention.Delete(database, org, job, endedBefore, stop);
            await database.InOrg(org, connection => Execute(connection, Forget, stop, org, job), stop);
            await database.InOrg(org, connection => Execute(connection,
                "delete from idempotency where org_id = $1 and job = $2 and expires_at < $3", stop, org, job, time.GetUtcNow().UtcDateTime), stop);
        }

        return deleted;
    }

    async Task<int> DeleteRuns(string org, string job, DateTimeOffset endedBefore, Guid oldest, CancellationToken stop)
    {
        // Ids are ordered by age, and what ended before the period was made before it: the index stops there.
        var runs = await database.InOrg(org, async connection =>
        {
            await using var command = new NpgsqlCommand(
                $"select id from run where org_id = $1 and job = $2 and id < $3 and completed_at < $4 order by id limit {Batch}", connection)
            { Parameters = { new() { Value = org }, new() { Value = job }, new() { Value = oldest }, new() { Value = endedBefore.UtcDateTime } } };
            await using var reader = await command.ExecuteReaderAsync(stop);
            var found = new List<Guid>();
            while (await reader.ReadAsync(stop))
                found.Add(reader.GetGuid(0));
            return found.ToArray();
        }, stop);
        if (runs.Length == 0)
            return 0;

        using var response = await calls.Send(HttpMethod.Post, calls.Executor, $"/internal/executor/orgs/{Uri.EscapeDataString(org)}/runs/delete",
            JsonContent.Create(runs.Select(id => new RunId(id))), stop);
        response.EnsureSuccessStatusCode();
        return await database.InOrg(org, connection => Execute(connection,
            """
            with letters as (delete from dead_letter where org_id = $1 and job = $2 and run_id = any($3))
            delete from run where org_id = $1 and id = any($3)
            """, stop, org, job, runs), stop);
    }

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
