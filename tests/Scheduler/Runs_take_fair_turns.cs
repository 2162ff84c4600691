using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Whose run starts next when there is not room for all: a flood keeps nobody else waiting.</summary>
public sealed class Runs_take_fair_turns
{
    const string Url = "https://handlers.example/orders";
    const string Flooding = "flooding";
    const string Other = "other";

    readonly MemoryRunStore store = new();
    readonly RunBench bench;

    public Runs_take_fair_turns() => bench = new(store);

    [Fact]
    public async Task A_job_with_many_waiting_keeps_no_other_job_of_its_org_waiting()
    {
        Register(new(Given.Org, Flooding), new(Given.Org, Other));
        bench.Serving(slots: 2);
        await Flood(30, Given.Org, priority: 0);
        var single = await Accept(Given.Org, Other);

        Assert.Equal(single, await NextAfterAnEnd());
        Assert.NotEqual(single, await NextAfterAnEnd());
    }

    [Fact]
    public async Task Jobs_with_as_many_under_way_take_turns_by_age()
    {
        Register(new(Given.Org, Flooding), new(Given.Org, Other));
        bench.Serving(slots: 1);
        await Flood(10, Given.Org, priority: 0);
        for (var i = 0; i < 4; i++)
            await Accept(Given.Org, Other);

        // Two places, at first both the flood's.
        List<string> order = [];
        for (var i = 0; i < 6; i++)
        {
            var next = await NextAfterAnEnd();
            order.Add(store.Runs.Values.Single(x => x.Id == next).Job);
        }

        Assert.Equal([Other, Flooding, Other, Flooding, Other, Flooding], order);
    }

    [Fact]
    public async Task An_org_gets_no_more_of_the_shared_slots_by_having_more_to_do()
    {
        Register(new("crowded", Flooding), new("quiet", Other));
        bench.Serving(slots: 2, org: SlotPool.AnyOrg, handler: SlotPool.HttpHandlers);
        await Flood(30, "crowded", priority: 100);
        var single = await Accept("quiet", Other, priority: -100);

        Assert.Equal(single, await NextAfterAnEnd());
    }

    [Fact]
    public async Task Within_an_org_the_priority_comes_first()
    {
        Register(new(Given.Org, Flooding), new(Given.Org, Other));
        bench.Serving(slots: 1);
        await Flood(5, Given.Org, priority: 1);
        var single = await Accept(Given.Org, Other, priority: 0);

        for (var i = 0; i < 3; i++)
            Assert.NotEqual(single, await NextAfterAnEnd());
        Assert.Equal(single, await NextAfterAnEnd());
    }

    [Fact]
    public async Task What_an_executor_took_with_it_counts_for_nobody()
    {
        Register(new("crowded", Flooding), new("quiet", Other));
        bench.Serving(slots: 1, org: SlotPool.AnyOrg, handler: SlotPool.HttpHandlers);
        await Accept("quiet", Other);
        Assert.Equal(1, bench.Share("quiet", Url));
        bench.Leaves();
        Assert.Equal(0, bench.Share("quiet", Url));
    }

    void Register(params JobKey[] jobs)
    {
        foreach (var job in jobs)
            store.Register(Given.Job(job.OrgId, job.Name, maxConcurrency: 1000) with { Handler = job.OrgId == Given.Org ? Given.Handler : Url });
    }

    async Task Flood(int runs, string org, short priority)
    {
        for (var i = 0; i < runs; i++)
            await Accept(org, Flooding, priority);
    }

    async Task<RunId> Accept(string org, string job, short priority = 0)
    {
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        var item = bench.Accepting(priority: priority, org: org, job: job);
        await bench.Commit(item);
        return item.Answer;
    }

    /// <summary>Ends the run that has been under way for longest; the one that starts in its stead.</summary>
    async Task<RunId> NextAfterAnEnd()
    {
        var ends = bench.Executes.Select(x => store.Runs[new(x.OrgId, x.RunId)]).First(x => x.IsRunning);
        var started = bench.Executes.Count;
        await bench.Finish(ends.Id, ends.Epoch, AttemptOutcomes.Completed, org: ends.OrgId, job: ends.Job);
        await bench.Commit(); // the group that finds the place free
        return Assert.Single(bench.Executes.Skip(started)).RunId;
    }
}
