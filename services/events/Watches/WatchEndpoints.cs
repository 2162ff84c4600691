using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Watches;

static class WatchEndpoints
{
    const int MostGaps = 20;

    public static void MapWatches(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/jobs/v1/_admin/data/databases", List).Produces<DatabaseView[]>();

    /// <summary>Every database that the org may watch, also while it watches nothing there.</summary>
    static async Task<IResult> List(HttpContext http, WatchedDatabases databases, [FromKeyedServices(EventsDb.Name)] ServiceDatabase database)
    {
        var org = http.Caller().OrgId;
        var watched = await database.InOrg(org, connection => Read(connection, org, databases, http.RequestAborted), http.RequestAborted);
        return ApiJson.Answer(200, databases.Names(org).Select(name => watched.GetValueOrDefault(name) ?? new DatabaseView(name, "idle", null, null, null, null, null, null, null, false, null, [], [])));
    }

    static async Task<Dictionary<string, DatabaseView>> Read(NpgsqlConnection connection, string org, WatchedDatabases databases, CancellationToken stop)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("select name, trigger_id, job, table_schema, table_name, operations, problem from data_trigger where org_id = $1 order by trigger_id") { Parameters = { new() { Value = org } } },
                new("select name, from_lsn, until_lsn, reason, noticed_at from watch_gap where org_id = $1 order by noticed_at desc limit $2") { Parameters = { new() { Value = org }, new() { Value = MostGaps } } },
                new("select name, state, problem, slot, commit_lsn, committed_at, lag_bytes, lag_seconds, slot_state, looked_at from watch where org_id = $1 and made") { Parameters = { new() { Value = org } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(stop);
        var triggers = new List<(string Name, DataTriggerView View)>();
        while (await reader.ReadAsync(stop))
            triggers.Add((reader.GetString(0), new(
                reader.GetString(1), reader.GetString(2), new TableName(reader.GetString(3), reader.GetString(4)).ToString(), reader.GetFieldValue<string[]>(5), Text(reader, 6))));
        await reader.NextResultAsync(stop);
        var gaps = new List<(string Name, GapView View)>();
        while (await reader.ReadAsync(stop))
            gaps.Add((reader.GetString(0), new(
                reader.GetFieldValue<NpgsqlLogSequenceNumber>(1).ToString(), reader.GetFieldValue<NpgsqlLogSequenceNumber>(2).ToString(), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4))));
        await reader.NextResultAsync(stop);
        var watched = new Dictionary<string, DatabaseView>(StringComparer.Ordinal);
        while (await reader.ReadAsync(stop))
        {
            var name = reader.GetString(0);
            var behind = await reader.IsDBNullAsync(6, stop) ? default(long?) : reader.GetInt64(6);
            watched[name] = new(
                name, reader.GetString(1), Text(reader, 2), reader.GetString(3), reader.GetFieldValue<NpgsqlLogSequenceNumber>(4).ToString(), Time(reader, 5), behind,
                await reader.IsDBNullAsync(7, stop) ? null : reader.GetDouble(7), Text(reader, 8), behind >= databases.Find(org, name)?.WarnBytes, Time(reader, 9),
                [.. triggers.Where(x => x.Name == name).Select(x => x.View)], [.. gaps.Where(x => x.Name == name).Select(x => x.View)]);
        }

        return watched;
    }

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}

/// <param name="State"><c>idle</c> without triggers, or <see cref="WatchStates"/>.</param>
/// <param name="Lsn">Where the last transaction committed there of which changes are taken in, and when.</param>
/// <param name="LagBytes">Of write-ahead log that is not taken in.</param>
/// <param name="LagSeconds">How long the oldest change waits.</param>
/// <param name="WalStatus">What the server says of the write-ahead log that the slot needs: <c>lost</c> is the end of it.</param>
/// <param name="IsBehind">It keeps more than the settings allow without a warning.</param>
/// <param name="LookedAt">When the lag was measured.</param>
/// <param name="Gaps">What was not seen, newest first.</param>
sealed record DatabaseView(
    string Name, string State, string? Problem, string? Slot, string? Lsn, DateTimeOffset? CommittedAt, long? LagBytes, double? LagSeconds, string? WalStatus, bool IsBehind,
    DateTimeOffset? LookedAt, IReadOnlyList<DataTriggerView> Triggers, IReadOnlyList<GapView> Gaps);

/// <param name="Problem">What has become of the table that keeps it from being seen.</param>
sealed record DataTriggerView(string Id, string JobId, string Table, IReadOnlyList<string> Events, string? Problem);

sealed record GapView(string FromLsn, string UntilLsn, string Reason, DateTimeOffset NoticedAt);
