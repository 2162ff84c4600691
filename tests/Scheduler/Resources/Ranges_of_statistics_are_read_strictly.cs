using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Resources;

namespace ReactorJobs.Tests.Scheduler.Resources;

/// <summary>From, to and step, each with a default.</summary>
public sealed class Ranges_of_statistics_are_read_strictly
{
    [Theory]
    [InlineData("", "2026-01-01T00:00:00.000Z", 1800)]
    [InlineData("from=2026-01-01T23:00:00Z", "2026-01-01T23:00:00.000Z", 60)]
    [InlineData("from=2025-12-01T00:00:00Z", "2025-12-01T00:00:00.000Z", 43_200 * 2)]
    [InlineData("from=2025-10-02T00:00:00Z", "2025-10-02T00:00:00.000Z", 86_400 * 2)]
    [InlineData("bucket=1h", "2026-01-01T00:00:00.000Z", 3600)]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:30Z", "2026-01-01T00:00:00.000Z", 1)]
    public void The_range_chooses_its_steps(string query, string from, int seconds)
    {
        var range = Range(query);
        Assert.Equal((from, seconds), (ApiJson.Text(range.From), (int)range.Bucket.TotalSeconds));
        Assert.InRange((range.To - range.From) / range.Bucket, 1, StatisticsRange.MostBuckets);
    }

    [Theory]
    [InlineData("from=soon", "from")]
    [InlineData("from=2026-01-03T00:00:00Z", "from")]
    [InlineData("from=2025-01-01T00:00:00Z", "from")]
    [InlineData("bucket=1s", "bucket")]
    [InlineData("bucket=0", "bucket")]
    [InlineData("bucket=often", "bucket")]
    public void And_a_wrong_one_is_named(string query, string field) =>
        Assert.Equal(field, Assert.Throws<ProblemException>(() => Range(query)).Problem.Errors![0].Pointer);

    static StatisticsRange Range(string query) => StatisticsRange.Read(new QueryCollection(QueryHelpers.ParseQuery(query)), new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
}
