using System.Text.Json.Serialization;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Committing;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>
/// How the jobs of definitions have ended, and how many wait, from the runs' own rows. What it costs grows with the jobs that ended in the range,
/// not with those that there are: the index <c>run_ended</c> finds them.
/// </summary>
public sealed class JobStatistics(ServiceDatabase database)
{
    /// <summary>Percentiles sort all of them: a minute's work is not for one request.</summary>
    public const int MostEnded = 1_000_000;

    // Execution time is that of those that ran to an end of their own; one that is cancelled or never began has none.
    const string Sql =
        """
        with definition as (select name from job where org_id = $1 and component_id is not null and ($2::text is null or name = $2)),
        ended as (
          select r.* from definition d cross join lateral (
            select date_bin($5, x.completed_at, $3) as bucket, x.status,
                   case when x.status <> 'cancelled' then extract(epoch from x.completed_at - x.started_at) * 1000 end as ms
            from run x where x.org_id = $1 and x.job = d.name and x.completed_at >= $3 and x.completed_at < $4 offset 0) r
          limit $6)
        select bucket, count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'), count(*) filter (where status = 'cancelled'),
               avg(ms)::float8, percentile_cont(array[0.5, 0.95, 0.99]) within group (order by ms::float8)
        from ended group by grouping sets ((), (bucket)) order by bucket nulls first
        """;

    const string DepthSql =
        """
        select coalesce(sum(l.due - l.running), 0)::bigint, coalesce(sum(l.running), 0)::bigint, coalesce(sum(s.count), 0)::bigint
        from job d
        cross join lateral (select * from job_load x where x.org_id = d.org_id and x.job = d.name offset 0) l
        cross join lateral (select count(*) from run x where x.org_id = d.org_id and x.job = d.name and x.status = 'pending' and not x.due) s
        where d.org_id = $1 and d.component_id is not null and ($2::text is null or d.name = $2)
        """;

    public Task<bool> Knows(string org, string definition, CancellationToken stop) => database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand("select exists (select from job where org_id = $1 and name = $2 and component_id is not null)", connection)
        { Parameters = { new() { Value = org }, new() { Value = definition } } };
        return (bool)(await command.ExecuteScalarAsync(stop))!;
    }, stop);

    /// <param name="definition">Null for all of them.</param>
    public Task<StatisticsView> Of(string org, string? definition, StatisticsRange range, CancellationToken stop) => database.InOrg(org, async connection =>
    {
        var totals = Figures.None;
        var buckets = new List<BucketView>();
        await using (var ended = new NpgsqlCommand(Sql, connection) { Parameters = { new() { Value = org }, Text(definition), Time(range.From), Time(range.To), new() { Value = range.Bucket }, new() { Value = MostEnded + 1L } } })
        await using (var rows = await ended.ExecuteReaderAsync(stop))
            while (await rows.ReadAsync(stop))
            {
                var figures = Figures.Of(rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.IsDBNull(4) ? null : rows.GetDouble(4), rows.IsDBNull(5) ? null : rows.GetFieldValue<double[]>(5));
                if (RunRow.Time(rows, 0) is { } from)
                    buckets.Add(new(from, figures));
                else
                    totals = figures;
            }

        if (totals.Completed + totals.Failed + totals.Cancelled > MostEnded)
            throw new ProblemException(Problem.Invalid("from", $"more than {MostEnded:N0} jobs ended in the range: take a shorter one, or one job definition"));
        await using var depth = new NpgsqlCommand(DepthSql, connection) { Parameters = { new() { Value = org }, Text(definition) } };
        await using var row = await depth.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new StatisticsView(definition, range.From, range.To, (long)range.Bucket.TotalSeconds, totals, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), buckets);
    }, stop);

    static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    static NpgsqlParameter Time(DateTimeOffset value) => new() { Value = value.UtcDateTime };
}

/// <param name="SuccessRate">Of those that completed or failed; null where there are none.</param>
/// <param name="MeanMs">Of the time from a job's first start to its end, sleeps and further attempts included.</param>
public sealed record Figures(
    [property: JsonPropertyName("completed")] long Completed,
    [property: JsonPropertyName("failed")] long Failed,
    [property: JsonPropertyName("cancelled")] long Cancelled,
    [property: JsonPropertyName("successRate")] double? SuccessRate,
    [property: JsonPropertyName("failureRate")] double? FailureRate,
    [property: JsonPropertyName("meanMs")] double? MeanMs,
    [property: JsonPropertyName("p50Ms")] double? P50Ms,
    [property: JsonPropertyName("p95Ms")] double? P95Ms,
    [property: JsonPropertyName("p99Ms")] double? P99Ms)
{
    public static readonly Figures None = new(0, 0, 0, null, null, null, null, null, null);

    public static Figures Of(long completed, long failed, long cancelled, double? mean, double[]? percentiles)
    {
        var decided = completed + failed;
        return new(
            completed, failed, cancelled, decided == 0 ? null : Math.Round((double)completed / decided, 6), decided == 0 ? null : Math.Round((double)failed / decided, 6),
            Ms(mean), Ms(percentiles?[0]), Ms(percentiles?[1]), Ms(percentiles?[2]));
    }

    static double? Ms(double? value) => value is { } number ? Math.Round(number, 1) : null;
}

/// <param name="From">Where the bucket begins; those in which nothing ended are left out.</param>
public sealed record BucketView(
    [property: JsonPropertyName("from")] DateTimeOffset From,
    [property: JsonPropertyName("figures")] Figures Figures);

/// <param name="QueueDepth">Jobs that are due and wait for a slot, now.</param>
/// <param name="Scheduled">Jobs that are pending until their time comes, now.</param>
public sealed record StatisticsView(
    [property: JsonPropertyName("jobDefinitionId")] string? JobDefinitionId,
    [property: JsonPropertyName("from")] DateTimeOffset From,
    [property: JsonPropertyName("to")] DateTimeOffset To,
    [property: JsonPropertyName("bucketSeconds")] long BucketSeconds,
    [property: JsonPropertyName("totals")] Figures Totals,
    [property: JsonPropertyName("queueDepth")] long QueueDepth,
    [property: JsonPropertyName("running")] long Running,
    [property: JsonPropertyName("scheduled")] long Scheduled,
    [property: JsonPropertyName("buckets")] IReadOnlyList<BucketView> Buckets);
