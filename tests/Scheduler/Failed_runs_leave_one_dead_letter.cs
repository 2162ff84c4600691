using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>A run that fails for good goes to the dead letters, once, in the commit that ends it (product A6).</summary>
public sealed class Failed_runs_leave_one_dead_letter
{
    [Fact]
    public async Task It_holds_the_error_and_the_attempts()
    {
        var at = await RunAt.Status(RunStatus.Failed);
        var letter = Assert.Single(at.Store.DeadLetters);
        Assert.Equal((Given.Org, Given.JobName, at.Id, Given.Error, 1, ManualTime.Start), (letter.OrgId, letter.Job, letter.RunId, letter.Error, letter.Attempts, letter.CreatedAt));
        Assert.StartsWith("dlq_", letter.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_attempts_used_up_there_is_one_and_not_before()
    {
        var at = await RunAt.Status(RunStatus.Running);
        for (var epoch = 1; epoch <= 3; epoch++)
        {
            Assert.Empty(at.Store.DeadLetters);
            await at.Bench.Finish(at.Id, epoch, AttemptOutcomes.Failed);
            if (at.Run.WakeAt is { } wake)
                await at.Bench.Due(at.Id, epoch, wake);
        }

        Assert.Equal(3, Assert.Single(at.Store.DeadLetters).Attempts);
        Assert.Equal((RunStatus.Failed, 3), (at.Run.Status, at.Run.Attempt));
    }

    [Theory]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(IOException))]
    public async Task A_commit_that_happened_and_did_not_tell_is_done_again_without_harm(Type failure)
    {
        var at = await RunAt.Status(RunStatus.Running);
        at.Store.FailAfterCommit = (Exception)Activator.CreateInstance(failure)!;
        await Assert.ThrowsAsync(failure, () => at.Bench.Finish(at.Id, 1, AttemptOutcomes.Failed, fatal: true));

        await at.Bench.Finish(at.Id, 1, AttemptOutcomes.Failed, fatal: true);

        Assert.Single(at.Store.DeadLetters);
        Assert.Equal((0, 0), at.Load);
    }

    [Fact]
    public async Task An_accept_that_happened_and_did_not_tell_is_the_same_run()
    {
        var store = new MemoryRunStore { FailAfterCommit = new TimeoutException() };
        store.Register(Given.Job());
        var bench = new RunBench(store).Serving();
        var item = bench.Accepting(key: "k");
        await Assert.ThrowsAsync<TimeoutException>(() => bench.Commit(item));

        await bench.Commit(item);

        Assert.Equal((item.Run.Id, RunStatus.Running), (item.Answer, item.After!.Status));
        Assert.Equal(1, Assert.Single(store.Runs.Values).Epoch);
        Assert.Equal((1, 1), (store.Loads.Values.Single().Due, store.Loads.Values.Single().Running));
    }

    [Fact]
    public async Task A_dispatch_whose_commit_did_not_tell_is_sent_by_the_reconciler()
    {
        var store = new MemoryRunStore { FailAfterCommit = new TimeoutException() };
        store.Register(Given.Job());
        var bench = new RunBench(store).Serving();
        var item = bench.Accepting();
        await Assert.ThrowsAsync<TimeoutException>(() => bench.Commit(item));
        Assert.Empty(bench.Executes);

        var stalled = Assert.Single(await store.ReadDispatched(ManualTime.Start.AddSeconds(5), 10));
        await bench.Resend(stalled.RunId, stalled.Epoch);

        Assert.Equal((item.Run.Id, 1), (bench.Executes.Single().RunId, bench.Executes.Single().Epoch));
    }
}
