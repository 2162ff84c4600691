using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A slot that a run has taken is free again when the run has left it, whether this process was told or not.</summary>
public sealed class Places_come_back
{
    readonly MemoryRunStore store = new();
    readonly RunBench bench;

    public Places_come_back()
    {
        store.Register(Given.Job());
        bench = new RunBench(store).Serving();
    }

    [Fact]
    public async Task Of_a_run_whose_end_was_committed_and_not_told()
    {
        var free = bench.FreeSlots();
        var run = await bench.Accept();
        store.FailAfterCommit = new IOException("gone");
        await Assert.ThrowsAsync<IOException>(() => bench.Finish(run, 1, AttemptOutcomes.Completed));
        Assert.Equal(free - 1, bench.FreeSlots());

        await SweepAfter(5);
        Assert.Equal(free - 1, bench.FreeSlots());
        await SweepAfter(6);
        Assert.Equal(free, bench.FreeSlots());
    }

    [Fact]
    public async Task At_once_when_the_group_is_done_again()
    {
        var free = bench.FreeSlots();
        var run = await bench.Accept();
        store.FailAfterCommit = new IOException("gone");
        await Assert.ThrowsAsync<IOException>(() => bench.Finish(run, 1, AttemptOutcomes.Completed));
        await bench.Finish(run, 1, AttemptOutcomes.Completed);
        Assert.Equal(free, bench.FreeSlots());
    }

    [Fact]
    public async Task To_the_group_that_ends_the_run_even_when_all_were_taken()
    {
        bench.Serving(slots: 1);
        var (first, second, waiting) = (await bench.Accept(), await bench.Accept(), await bench.Accept());
        Assert.Equal(RunStatus.Pending, Status(waiting));

        await bench.Finish(first, 1, AttemptOutcomes.Completed);
        Assert.Equal((RunStatus.Running, RunStatus.Running, 0), (Status(second), Status(waiting), bench.FreeSlots()));
    }

    [Fact]
    public async Task And_are_taken_back_from_who_got_them_when_the_end_was_not_committed()
    {
        bench.Serving(slots: 1);
        var (first, _, waiting) = (await bench.Accept(), await bench.Accept(), await bench.Accept());
        store.FailCommit = new IOException("gone");
        await Assert.ThrowsAsync<IOException>(() => bench.Finish(first, 1, AttemptOutcomes.Completed));
        Assert.Equal((RunStatus.Running, RunStatus.Pending, 0), (Status(first), Status(waiting), bench.FreeSlots()));

        await bench.Finish(first, 1, AttemptOutcomes.Completed);
        Assert.Equal((RunStatus.Running, 0), (Status(waiting), bench.FreeSlots()));
    }

    [Fact]
    public async Task But_not_of_a_run_that_runs_long_or_has_just_begun()
    {
        var free = bench.FreeSlots();
        await bench.Accept();
        await SweepAfter(3600);
        await bench.Accept();
        await SweepAfter(1);
        Assert.Equal(free - 2, bench.FreeSlots());
        Assert.All(store.Runs.Values, run => Assert.Equal(RunStatus.Running, run.Status));
    }

    string Status(RunId run) => store.Runs[new(Given.Org, run)].Status;

    Task SweepAfter(double seconds)
    {
        bench.Time.Advance(TimeSpan.FromSeconds(seconds));
        bench.Serving(); // its executor goes on speaking
        return bench.Reconciler.Sweep();
    }
}
