using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Retention;

/// <summary>
/// Deletes what is left here of runs that the scheduler is about to delete. It alone knows which runs have ended and how long their jobs
/// keep them: a run that sleeps holds no lease, and must find its steps when it wakes, however old they are.
/// </summary>
public sealed class RunRetention(ServiceDatabase database)
{
    public const int MostAtOnce = 1000;

    static readonly string[] Tables = ["checkpoint", "attempt", "log", "function_pin"];

    public Task<int> Delete(string org, IReadOnlyList<RunId> runs, CancellationToken stop) => database.InOrg(org, async connection =>
    {
        var deleted = 0;
        foreach (var table in Tables)
        {
            await using var command = new NpgsqlCommand(
                $"""
                delete from {table} where ctid = any(array(
                  select t.ctid from unnest($2::uuid[]) k(run)
                  cross join lateral (select x.ctid from {table} x where x.org_id = $1 and x.run_id = k.run offset 0) t))
                """, connection)
            { Parameters = { One(org, NpgsqlDbType.Text), new() { Value = runs.Select(x => x.Value).ToArray() } } };
            deleted += await command.ExecuteNonQueryAsync(stop);
        }

        return deleted;
    }, stop);
}
