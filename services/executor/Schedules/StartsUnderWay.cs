using System.Text.Json;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Hosting.Database;
using static ReactorJobs.Executor.Database.Columns;

namespace ReactorJobs.Executor.Schedules;

/// <summary>
/// Scheduled runs that are committed here and that the scheduler may not know of yet: their starts are in the outbox until it has said that it
/// took them.
/// </summary>
public sealed class StartsUnderWay(ServiceDatabase database)
{
    public async Task<RunStart?> Find(string orgId, RunId run, CancellationToken stop) =>
        (await Read(orgId, "select body from outbox where org_id = $1 and queue = $2 and id = $3", One(run.Value, NpgsqlDbType.Uuid), stop)).FirstOrDefault();

    public Task<List<RunStart>> All(string orgId, int most, CancellationToken stop) =>
        Read(orgId, "select body from outbox where org_id = $1 and queue = $2 order by id limit $3", One(most, NpgsqlDbType.Integer), stop);

    Task<List<RunStart>> Read(string orgId, string sql, Npgsql.NpgsqlParameter last, CancellationToken stop) => database.InOrg(orgId, async connection =>
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection)
        {
            Parameters = { One(orgId, NpgsqlDbType.Text), One(Queues.Starts, NpgsqlDbType.Text), last },
        };
        await using var rows = await command.ExecuteReaderAsync(stop);
        var starts = new List<RunStart>();
        while (await rows.ReadAsync(stop))
        {
            using var body = JsonDocument.Parse(rows.GetFieldValue<byte[]>(0));
            starts.AddRange(body.RootElement.GetProperty("message").Deserialize<StartRun>(JsonSerializerOptions.Web)!.Starts);
        }

        return starts;
    }, stop);
}
