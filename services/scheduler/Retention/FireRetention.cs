using Npgsql;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Scheduler.Retention;

/// <summary>Deletes what is old in the ledger of a job's cron triggers, those that are gone included; not what still waits, or has a run that has not ended.</summary>
static class FireRetention
{
    const int Batch = 2_000;

    const string Sql =
        """
        delete from fire where ctid = any(array(
          select f.ctid from fire f
          where f.org_id = $1 and f.job = $2 and f.nominal_at < $3 and (not f.open or (f.started_at is not null and not exists (
            select from run r where r.org_id = f.org_id and r.id = f.run_id and r.completed_at is null)))
          order by f.nominal_at limit $4))
        """;

    public static async Task Delete(ServiceDatabase database, string org, string job, DateTimeOffset before, CancellationToken stop)
    {
        int deleted;
        do
        {
            deleted = await database.InOrg(org, async connection =>
            {
                await using var command = new NpgsqlCommand(Sql, connection)
                { Parameters = { new() { Value = org }, new() { Value = job }, new() { Value = before.UtcDateTime }, new() { Value = Batch } } };
                return await command.ExecuteNonQueryAsync(stop);
            }, stop);
        }
        while (deleted == Batch && !stop.IsCancellationRequested);
    }
}
