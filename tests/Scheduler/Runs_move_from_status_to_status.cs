using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Each sentence of the state machine, taken by a group and committed.</summary>
public sealed class Runs_move_from_status_to_status
{
    [Fact]
    public async Task Accepted_without_an_executor_it_waits_in_line()
    {
        var at = await RunAt.Status(RunStatus.Pending);

        Assert.True(at.Run.IsWaiting);
        Assert.Equal((0, 1, 1), (at.Run.Epoch, at.Run.Attempt, at.Load.Due));
        Assert.Empty(at.Store.Timers);
    }

    [Fact]
    public async Task Accepted_for_later_it_is_pending_and_not_due()
    {
        var at = await RunAt.Status(RunAt.Delayed);

        Assert.False(at.Run.IsWaiting);
        Assert.Equal((0, 0), at.Load);
        Assert.Equal(at.Run.RunAt, at.Store.Timers.Values.Single().DueAt);
        Assert.Equal(ManualTime.Start + RunAt.Nap, at.Run.WakeAt);
    }

    [Fact]
    public async Task A_time_that_is_over_means_now()
    {
        var store = new MemoryRunStore();
        store.Register(Given.Job());
        var bench = new RunBench(store);
        var id = await bench.Accept(runAt: ManualTime.Start);
        Assert.True(store.Runs[new(Given.Org, id)].IsWaiting);
    }

    [Fact]
    public async Task With_an_executor_it_runs_in_the_commit_that_accepts_it()
    {
        var at = await RunAt.Status(RunStatus.Running);

        Assert.Equal((1, RunBench.Executor, ManualTime.Start, ManualTime.Start), (at.Run.Epoch, at.Run.Executor, at.Run.StartedAt, at.Run.DispatchedAt));
        Assert.Equal(["ExecuteRun"], at.Bench.WokenUp);
        Assert.Empty(at.Store.Outbox);
        Assert.Equal((at.Id, 1, 1, 3, 600_000), (at.Bench.Executes[0].RunId, at.Bench.Executes[0].Epoch, at.Bench.Executes[0].Attempt, at.Bench.Executes[0].MaxAttempts, at.Bench.Executes[0].TimeoutMs));
    }

    [Fact]
    public async Task Completed_it_has_its_result_and_no_error()
    {
        var at = await RunAt.Status(RunStatus.Completed);

        Assert.Equal("42", at.Run.Result.ToString());
        Assert.Equal((null, ManualTime.Start, null, null), (at.Run.Error, at.Run.CompletedAt, at.Run.Executor, at.Run.DispatchedAt));
        Assert.Empty(at.Store.DeadLetters);
    }

    [Fact]
    public async Task Completed_after_a_failure_it_forgets_the_failure()
    {
        var at = await RunAt.Status(RunStatus.Retrying);
        Assert.NotNull(at.Run.Error);
        await at.Bench.Due(at.Id, 1, at.Run.WakeAt!.Value);
        await at.Bench.Finish(at.Id, 2, AttemptOutcomes.Completed);
        Assert.Equal((RunStatus.Completed, null), (at.Run.Status, at.Run.Error));
    }

    [Fact]
    public async Task Failed_it_waits_for_its_next_attempt()
    {
        var at = await RunAt.Status(RunStatus.Retrying);

        Assert.Equal((2, 1, Given.Error), (at.Run.Attempt, at.Run.Epoch, at.Run.Error));
        Assert.Equal(at.Run.WakeAt, at.Store.Timers.Values.Single().DueAt);
    }

    [Fact]
    public async Task Suspended_it_sleeps_until_the_first_of_its_waits()
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Raise(at.Id, machine => machine.Suspended, new AttemptSuspended(Given.Org, at.Id, Given.JobName, 1,
            [new(WaitCondition.Time, "sleep:b", ManualTime.Start.AddHours(2)), new(WaitCondition.Time, "sleep:a", ManualTime.Start.AddHours(1))], ManualTime.Start, ManualTime.Start));

        Assert.Equal((RunStatus.Sleeping, 1, ManualTime.Start.AddHours(1)), (at.Run.Status, at.Run.Attempt, at.Run.WakeAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_wake_that_is_already_over_queues_at_once(int seconds)
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Suspend(at.Id, 1, ManualTime.Start.AddSeconds(seconds));

        // The executor has room: the commit that took the suspension dispatches again.
        Assert.Equal((RunStatus.Running, 2, 1), (at.Run.Status, at.Run.Epoch, at.Run.Attempt));
        Assert.Empty(at.Store.Timers);
    }

    [Theory]
    [InlineData(RunStatus.Sleeping, 1)]
    [InlineData(RunStatus.Retrying, 2)]
    public async Task Its_time_come_it_runs_under_a_new_epoch(string status, int attempt)
    {
        var at = await RunAt.Status(status);
        at.Bench.Time.Advance(RunAt.Nap);
        await at.Bench.Due(at.Id, 1, at.Run.WakeAt!.Value);

        Assert.Equal((RunStatus.Running, 2, attempt, null), (at.Run.Status, at.Run.Epoch, at.Run.Attempt, at.Run.WakeAt));
        Assert.Equal(ManualTime.Start, at.Run.StartedAt);
        Assert.Empty(at.Store.Timers);
    }

    [Fact]
    public async Task Its_start_come_a_delayed_run_stands_in_line()
    {
        var at = await RunAt.Status(RunAt.Delayed);
        at.Bench.Time.Advance(RunAt.Nap);
        await at.Bench.Due(at.Id, 0, at.Run.WakeAt!.Value);

        Assert.True(at.Run.IsWaiting);
        Assert.Equal(at.Bench.Time.GetUtcNow(), at.Run.QueuedAt);
    }

    [Fact]
    public async Task Lost_it_runs_again_and_its_attempt_is_not_used_up()
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Lose(at.Id, 1);
        Assert.Equal((RunStatus.Running, 2, 1, 1), (at.Run.Status, at.Run.Epoch, at.Run.Attempt, at.Run.Losses));
    }

    [Fact]
    public async Task Lost_twenty_times_in_a_row_it_is_poison()
    {
        var at = await RunAt.Status(RunStatus.Running);
        for (var epoch = 1; epoch <= 20; epoch++)
        {
            Assert.Equal(RunStatus.Running, at.Run.Status);
            await at.Bench.Lose(at.Id, epoch);
        }

        Assert.Equal((RunStatus.Failed, "poison", 20), (at.Run.Status, at.Run.Error!.Code, at.Run.Epoch));
    }

    [Theory]
    [InlineData(RunStatus.Sleeping)]
    [InlineData(RunStatus.Retrying)]
    public async Task An_end_of_its_own_begins_the_count_of_losses_anew(string status)
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Lose(at.Id, 1);
        await (status == RunStatus.Sleeping ? at.Bench.Suspend(at.Id, 2, ManualTime.Start.AddHours(1)) : at.Bench.Finish(at.Id, 2, AttemptOutcomes.Failed));
        Assert.Equal((status, 0), (at.Run.Status, at.Run.Losses));
    }

    [Fact]
    public async Task Sent_again_it_keeps_its_epoch()
    {
        var at = await RunAt.Status(RunStatus.Running);
        await at.Bench.Resend(at.Id, 1);
        Assert.Equal([1, 1], at.Bench.Executes.Select(x => x.Epoch));
        Assert.Equal(RunStatus.Running, at.Run.Status);
    }
}
