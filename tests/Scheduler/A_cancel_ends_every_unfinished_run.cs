using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The scheduler's commit decides between a cancel and a completion; an accepted cancel is final (semantics 9).</summary>
public sealed class A_cancel_ends_every_unfinished_run
{
    public static TheoryData<string> Unfinished => [RunStatus.Pending, RunAt.Delayed, RunStatus.Running, RunStatus.Sleeping, RunStatus.Retrying];

    public static TheoryData<string> Finished => [RunStatus.Completed, RunStatus.Failed, RunStatus.Cancelled];

    [Theory]
    [MemberData(nameof(Unfinished))]
    public async Task It_is_cancelled_and_counts_no_more(string status)
    {
        var at = await RunAt.Status(status);
        await at.Bench.Cancel(at.Id);

        Assert.Equal((RunStatus.Cancelled, ManualTime.Start, null, null), (at.Run.Status, at.Run.CompletedAt, at.Run.WakeAt, at.Run.Executor));
        Assert.Equal((0, 0), at.Load);
        Assert.Empty(at.Store.Timers);
        Assert.Empty(at.Store.DeadLetters);
    }

    [Theory]
    [MemberData(nameof(Finished))]
    public async Task What_has_ended_stays_as_it_ended(string status)
    {
        var at = await RunAt.Status(status);
        var before = at.Everything();
        await at.Bench.Cancel(at.Id);
        Assert.Equal(before, at.Everything());
    }

    [Fact]
    public async Task The_executor_of_a_running_attempt_is_told_for_certain()
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Cancel(at.Id);

        Assert.Equal(["CancelAttempt"], at.Bench.Published);
        var message = Assert.Single(at.Store.Outbox.Values);
        Assert.Equal((Queues.Executor(RunBench.Executor), ManualTime.Start.AddMinutes(1)), (message.Queue, message.ExpiresAt));
    }

    [Theory]
    [InlineData(RunStatus.Pending)]
    [InlineData(RunStatus.Sleeping)]
    [InlineData(RunStatus.Retrying)]
    public async Task Where_no_attempt_runs_nobody_is_told(string status)
    {
        var at = await RunAt.Status(status);
        await at.Bench.Cancel(at.Id);
        Assert.Empty(at.Store.Outbox);
    }

    [Fact]
    public async Task A_completion_after_the_cancel_is_too_late()
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Cancel(at.Id);
        await at.Bench.Finish(at.Id, 1, AttemptOutcomes.Completed);
        Assert.Equal((RunStatus.Cancelled, null), (at.Run.Status, at.Run.Result));
    }

    [Theory]
    [InlineData(true, RunStatus.Cancelled)]
    [InlineData(false, RunStatus.Completed)]
    public async Task In_one_group_the_first_of_the_two_wins(bool cancelFirst, string status)
    {
        var at = await RunAt.Status(RunStatus.Running);
        var (job, run) = (at.Run.JobKey, new RunKey(Given.Org, at.Id));
        var cancel = new LocalItem<CancelRun>(job, run, new(Given.Org, at.Id, Given.JobName), machine => machine.Cancel);
        var finish = new LocalItem<AttemptFinished>(job, run, Given.Outcome(AttemptOutcomes.Completed) with { RunId = at.Id }, machine => machine.Finished);

        await at.Bench.Commit(cancelFirst ? [cancel, finish] : [finish, cancel]);

        Assert.Equal(status, at.Run.Status);
        Assert.Equal((0, 0), at.Load);
    }

    [Fact]
    public async Task A_cancel_that_comes_before_its_run_leaves_a_tombstone()
    {
        var at = await RunAt.Status(RunStatus.Pending);
        var early = at.Bench.NewId();
        await at.Bench.Cancel(early, mayCreate: true);
        var start = at.Bench.Accepting(id: early);
        await at.Bench.Commit(start);

        Assert.Equal((Acceptance.Existing, RunStatus.Cancelled), (start.Result, start.After!.Status));
        Assert.Equal((1, 0), at.Load);
    }
}
