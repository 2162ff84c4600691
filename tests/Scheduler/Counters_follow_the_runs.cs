using ReactorJobs.Contracts;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A run counts while it is due and unfinished (semantics 1); only a manual trigger is refused over the limit (semantics 2).</summary>
public sealed class Counters_follow_the_runs
{
    readonly MemoryRunStore store = new();

    [Theory]
    [InlineData(RunStatus.Pending, 1, 0)]
    [InlineData(RunAt.Delayed, 0, 0)]
    [InlineData(RunStatus.Running, 1, 1)]
    [InlineData(RunStatus.Sleeping, 0, 0)]
    [InlineData(RunStatus.Retrying, 0, 0)]
    [InlineData(RunStatus.Completed, 0, 0)]
    [InlineData(RunStatus.Failed, 0, 0)]
    [InlineData(RunStatus.Cancelled, 0, 0)]
    public async Task Each_status_adds_its_share(string status, int due, int running)
    {
        var at = await RunAt.Status(status);
        Assert.Equal((due, running), at.Load);
        if (status is not (RunStatus.Pending or RunAt.Delayed))
            Assert.Equal(20 - running, at.Bench.FreeSlots());
    }

    [Fact]
    public async Task No_more_runs_run_than_the_job_allows()
    {
        var bench = Bench(maxConcurrency: 2);
        var runs = new[] { await bench.Accept(), await bench.Accept(), await bench.Accept() };
        Assert.Equal((3, 2), Load());

        await bench.Finish(runs[0], 1, AttemptOutcomes.Completed);

        // The commit that frees a place gives it away.
        Assert.Equal((2, 2), Load());
        Assert.Equal(RunStatus.Running, store.Runs[new(Given.Org, runs[2])].Status);
    }

    [Fact]
    public async Task A_manual_trigger_over_the_limit_is_refused_and_others_wait()
    {
        var bench = Bench(maxConcurrency: 1);
        await bench.Accept();
        var (manual, other) = (bench.Accepting(mayWait: false), bench.Accepting());
        await bench.Commit(manual, other);

        Assert.Equal((Acceptance.ConcurrencyExceeded, Acceptance.Accepted), (manual.Result, other.Result));
        Assert.Null(manual.After);
        Assert.Equal((2, 1), Load());
    }

    [Fact]
    public async Task A_group_admits_in_the_order_of_arrival()
    {
        var bench = Bench(maxConcurrency: 2);
        var items = Enumerable.Range(0, 4).Select(_ => bench.Accepting(mayWait: false)).ToArray();
        await bench.Commit(items);
        Assert.Equal([Acceptance.Accepted, Acceptance.Accepted, Acceptance.ConcurrencyExceeded, Acceptance.ConcurrencyExceeded], items.Select(x => x.Result));
    }

    [Theory]
    [InlineData(3, Acceptance.Accepted, 3)]
    [InlineData(4, Acceptance.ConcurrencyExceeded, 0)]
    public async Task A_batch_is_taken_whole_or_not(int runs, Acceptance result, int accepted)
    {
        var bench = Bench(maxConcurrency: 3);
        var batch = new AcceptBatch(new(Given.Org, Given.JobName), [.. Enumerable.Range(0, runs).Select(_ => bench.Accepting(mayWait: false))]);
        await bench.Commit(batch);
        Assert.All(batch.Items, item => Assert.Equal(result, item.Result));
        Assert.Equal(accepted, store.Runs.Count);
    }

    [Fact]
    public async Task A_higher_priority_is_first_and_then_who_came_first()
    {
        var bench = Bench(maxConcurrency: 1);
        var running = await bench.Accept();
        var (low, high, later) = (bench.Accepting(priority: -10), bench.Accepting(priority: 10), bench.Accepting(priority: 10));
        await bench.Commit(low, high, later);

        await bench.Finish(running, 1, AttemptOutcomes.Completed);
        await bench.Finish(high.Answer, 1, AttemptOutcomes.Completed);
        await bench.Finish(later.Answer, 1, AttemptOutcomes.Completed);

        Assert.Equal([running, high.Answer, later.Answer, low.Answer], bench.Executes.Select(x => x.RunId));
    }

    [Fact]
    public async Task The_orgs_limit_holds_over_all_its_jobs()
    {
        store.Register(Given.Job(name: ""));
        store.Register(Given.Job(name: "other"));
        var bench = Bench(options: new() { MaxOrgConcurrentRuns = 2 });
        await bench.Commit(bench.Accepting(), bench.Accepting(), bench.Accepting(job: "other"));
        Assert.Equal(2, store.Runs.Values.Count(x => x.IsRunning));
    }

    [Fact]
    public async Task The_same_key_is_the_same_run_and_another_payload_a_conflict()
    {
        var bench = Bench();
        var first = await bench.Accept(key: "k");
        var again = bench.Accepting(key: "k");
        var other = new AcceptItem(new(Given.Org, Given.JobName), new(Given.Org, bench.NewId()), _ => throw new InvalidOperationException("is not accepted"), "k", [2]);
        await bench.Commit(again, other);

        Assert.Equal((Acceptance.Existing, first), (again.Result, again.Answer));
        Assert.Equal((Acceptance.IdempotencyConflict, first), (other.Result, other.Answer));
        bench.Time.Advance(TimeSpan.FromHours(24));
        Assert.NotEqual(first, await bench.Accept(key: "k"));
    }

    RunBench Bench(int maxConcurrency = 10, SchedulerOptions? options = null)
    {
        store.Register(Given.Job(maxConcurrency: maxConcurrency));
        return new RunBench(store, options).Serving();
    }

    (int Due, int Running) Load() => (store.Loads[new(Given.Org, Given.JobName)].Due, store.Loads[new(Given.Org, Given.JobName)].Running);
}
