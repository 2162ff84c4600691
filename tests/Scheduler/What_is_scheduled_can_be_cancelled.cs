using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.ScheduledFunctions;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Until it has begun (semantics 9); the answer is the same whoever asks, and however often.</summary>
public sealed class What_is_scheduled_can_be_cancelled
{
    static async Task<bool> Cancel(RunAt at, RunId run, bool isUnderWay = false, string job = Given.JobName)
    {
        var item = new CancelScheduled(new(Given.Org, job), new(Given.Org, run), isUnderWay);
        await at.Bench.Commit(item);
        return item.Cancelled;
    }

    [Theory]
    [InlineData(RunAt.Delayed, true, RunStatus.Cancelled)]
    [InlineData(RunStatus.Pending, true, RunStatus.Cancelled)]
    [InlineData(RunStatus.Running, false, RunStatus.Running)]
    [InlineData(RunStatus.Sleeping, false, RunStatus.Sleeping)]
    [InlineData(RunStatus.Retrying, false, RunStatus.Retrying)]
    [InlineData(RunStatus.Completed, false, RunStatus.Completed)]
    public async Task While_it_has_not_begun(string status, bool cancelled, string after)
    {
        var at = await RunAt.Status(status);
        Assert.Equal(cancelled, await Cancel(at, at.Id));
        Assert.Equal(after, at.Run.Status);
        Assert.Equal(cancelled, await Cancel(at, at.Id));
    }

    [Fact]
    public async Task Before_its_start_came_in_which_then_finds_it_ended()
    {
        var at = await RunAt.Status(RunStatus.Pending);
        var early = at.Bench.NewId();
        Assert.False(await Cancel(at, early));
        Assert.True(await Cancel(at, early, isUnderWay: true));
        await at.Bench.Commit(at.Bench.Accepting(id: early));
        Assert.Equal(RunStatus.Cancelled, at.Store.Runs[new(Given.Org, early)].Status);
        Assert.True(await Cancel(at, early));
    }

    [Fact]
    public async Task Where_its_job_is()
    {
        var at = await RunAt.Status(RunStatus.Pending);
        Assert.False(await Cancel(at, at.Bench.NewId(), isUnderWay: true, job: "unknown"));
        Assert.Single(at.Store.Runs);
    }
}
