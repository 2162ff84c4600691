using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A run from its start to its end is read once at most; what another process may have done in between, the commit finds.</summary>
public sealed class What_the_last_groups_left_is_not_read_again
{
    readonly MemoryRunStore store = new();
    readonly RunBench bench;

    public What_the_last_groups_left_is_not_read_again()
    {
        store.Register(Given.Job());
        bench = new RunBench(store).Serving();
    }

    [Fact]
    public async Task From_the_start_over_a_sleep_to_the_end()
    {
        await bench.Accept();
        Assert.Equal((1, 0), store.Groups);

        var run = await bench.Accept();
        var due = bench.Time.GetUtcNow().AddSeconds(10);
        Assert.Equal(RunStatus.Sleeping, (await bench.Suspend(run, 1, due))!.Status);
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        await bench.Due(run, 1, due);
        Assert.Equal([1, 2], bench.Executes.Where(x => x.RunId == run).Select(x => x.Epoch));
        Assert.Equal(RunStatus.Completed, (await bench.Finish(run, 2, AttemptOutcomes.Completed))!.Status);
        Assert.Equal((1, 4), store.Groups);
    }

    [Fact]
    public async Task But_a_run_that_sleeps_long_or_has_ended()
    {
        var (asleep, ended) = (await bench.Accept(), await bench.Accept());
        var due = bench.Time.GetUtcNow().AddDays(1);
        await bench.Suspend(asleep, 1, due);
        await bench.Finish(ended, 1, AttemptOutcomes.Completed);
        var before = store.Groups;
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.Due(asleep, 1, due);
        await bench.Cancel(ended);
        Assert.Equal((before.Read + 2, before.Assumed), store.Groups);
    }

    [Fact]
    public async Task After_another_has_written_all_is_read_for_a_second()
    {
        var run = await bench.Accept();
        store.Stale = new(isThere: false);
        Assert.Equal(RunStatus.Completed, (await bench.Finish(run, 1, AttemptOutcomes.Completed))!.Status);
        store.Stale = null;
        Assert.Equal((2, 1), store.Groups);
        await bench.Accept();
        Assert.Equal((3, 1), store.Groups);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.Accept();
        Assert.Equal((3, 2), store.Groups);
    }

    [Fact]
    public async Task What_was_there_already_is_read_and_shakes_no_trust()
    {
        await bench.Accept();
        store.Stale = new(isThere: true);
        await bench.Accept();
        store.Stale = null;
        Assert.Equal((2, 1), store.Groups);
        await bench.Accept();
        Assert.Equal((2, 2), store.Groups);
    }

    [Fact]
    public async Task Places_of_a_refused_commit_are_given_back()
    {
        await bench.Accept();
        var free = bench.FreeSlots();
        store.Stale = new(isThere: false);
        await bench.Accept();
        Assert.Equal(free - 1, bench.FreeSlots());
    }

    [Fact]
    public async Task After_a_commit_that_did_not_tell_all_is_read()
    {
        await bench.Accept();
        store.FailAfterCommit = new IOException("gone");
        var item = bench.Accepting();
        await Assert.ThrowsAsync<IOException>(() => bench.Commit(item));
        await bench.Commit(item);
        Assert.Equal(Acceptance.Existing, item.Result);
        Assert.Equal((2, 1), store.Groups);
    }
}
