using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Resources;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler.Resources;

/// <summary>Success, failure and execution times in steps of time, and what waits now.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Statistics_are_of_what_has_ended(EmptiedDatabase emptied) : IClassFixture<EmptiedDatabase>, IAsyncLifetime
{
    const string Definition = "nightly-order-processing";
    const string Other = "daily-report";

    Database database = null!;
    RunBench bench = null!;

    public async Task InitializeAsync()
    {
        database = await emptied.With(Of(Definition), Of(Other), Given.Job());
        bench = new RunBench(database.Store).Serving();

        static Job Of(string name) => Given.Job(name: name, maxConcurrency: 4) with { ComponentId = "c" };
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task In_steps_of_time()
    {
        var from = bench.Time.GetUtcNow();
        await End(Definition, 100, AttemptOutcomes.Completed);
        await End(Definition, 300, AttemptOutcomes.Completed);
        await End(Other, 50_000, AttemptOutcomes.Completed);
        await End(Given.JobName, 70_000, AttemptOutcomes.Completed);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await End(Definition, 200, AttemptOutcomes.Failed);
        await bench.Commit(new CancelPending(new(Given.Org, Definition), new(Given.Org, await Start(Definition, bench.Time.GetUtcNow().AddDays(1)))));
        await Start(Definition, bench.Time.GetUtcNow().AddDays(1));
        for (var i = 0; i < 6; i++)
            await Start(Definition);

        var statistics = new JobStatistics(database.Service);
        var range = new StatisticsRange(from, from.AddHours(2), TimeSpan.FromHours(1));
        var of = await statistics.Of(Given.Org, Definition, range, default);
        Assert.Equal(new Figures(2, 1, 1, 0.666667, 0.333333, 200, 200, 290, 298), of.Totals);
        Assert.Equal((2, 4, 1), (of.QueueDepth, of.Running, of.Scheduled));
        Assert.Equal(
            [new(from, new(2, 0, 0, 1, 0, 200, 200, 290, 298)), new BucketView(from.AddHours(1), new(0, 1, 1, 0, 1, 200, 200, 200, 200))],
            of.Buckets);

        var all = await statistics.Of(Given.Org, null, range, default);
        Assert.Equal((3, 1), (all.Totals.Completed, all.Totals.Failed));
        var none = await statistics.Of(Given.Org, Definition, new(from.AddDays(-2), from.AddDays(-1), TimeSpan.FromHours(1)), default);
        Assert.Equal((Figures.None, 0), (none.Totals, none.Buckets.Count));
        Assert.Equal(Figures.None, (await statistics.Of("another", Definition, range, default)).Totals);
    }

    [Fact]
    public async Task Jobs_of_all_definitions_are_listed_newest_first_and_no_others()
    {
        var first = await Start(Definition);
        var second = await Start(Other);
        await Start(Given.JobName);
        var third = await Start(Definition, bench.Time.GetUtcNow().AddDays(1));
        await database.Registry.Delete(Given.Org, Other, bench.Time.GetUtcNow(), default);

        var queries = new ScheduledJobQueries(database.Service, database.Registry, new RunQueries(database.Service));
        Assert.Equal([third, second, first], await Ids(null, null, null));
        Assert.Equal([third, first], await Ids(Definition, null, null));
        Assert.Equal([third], await Ids(Definition, [RunStatus.Pending], null));
        Assert.Equal([second], await Ids(null, null, third, 1));
        Assert.Null(await queries.Find("another", first, default));

        async Task<IEnumerable<RunId>> Ids(string? definition, string[]? statuses, RunId? before, int most = 10) =>
            (await queries.List(Given.Org, definition, statuses, before, most, default)).Select(x => new RunId(x.Id));
    }

    async Task<RunId> Start(string job, DateTimeOffset? at = null)
    {
        var item = bench.Accepting(at, job: job);
        await bench.Commit(item);
        return item.Answer;
    }

    async Task End(string job, int ms, string outcome)
    {
        var run = await Start(job);
        bench.Time.Advance(TimeSpan.FromMilliseconds(ms));
        await bench.Finish(run, 1, outcome, fatal: true, job: job);
    }
}
