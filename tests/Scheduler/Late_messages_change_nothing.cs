using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Any message may come late, twice or out of order (decision 1, semantics 7 and 12): what is not for the run's present is ignored.</summary>
public sealed class Late_messages_change_nothing
{
    // None of these statuses has a timer of this moment, or runs an attempt of epoch 0 or 9.
    static readonly Dictionary<string, Func<RunAt, int, Task>> Messages = new()
    {
        ["completed"] = (at, epoch) => at.Bench.Finish(at.Id, epoch, AttemptOutcomes.Completed),
        ["failed"] = (at, epoch) => at.Bench.Finish(at.Id, epoch, AttemptOutcomes.Failed, fatal: true),
        ["released"] = (at, epoch) => at.Bench.Finish(at.Id, epoch, AttemptOutcomes.Released),
        ["suspended"] = (at, epoch) => at.Bench.Suspend(at.Id, epoch, ManualTime.Start.AddDays(1)),
        ["lost"] = (at, epoch) => at.Bench.Lose(at.Id, epoch),
        ["resend"] = (at, epoch) => at.Bench.Resend(at.Id, epoch),
        ["due"] = (at, epoch) => at.Bench.Due(at.Id, epoch, ManualTime.Start.AddMinutes(1)),
        ["accepted"] = (at, _) => at.Bench.Commit(at.Bench.Accepting(id: at.Id)),
    };

    public static TheoryData<string, string, int> OfOtherEpochs => All(RunAt.Statuses, 0, 9);

    /// <summary>Epoch 1 is the current one of all of these, and over.</summary>
    public static TheoryData<string, string, int> AfterTheAttempt => All(RunAt.Statuses.Where(x => x is not (RunStatus.Running or RunStatus.Pending or RunAt.Delayed)), 1);

    [Theory]
    [MemberData(nameof(OfOtherEpochs))]
    public Task Of_another_epoch(string status, string message, int epoch) => Ignores(status, message, epoch);

    [Theory]
    [MemberData(nameof(AfterTheAttempt))]
    public Task After_the_attempt(string status, string message, int epoch) => Ignores(status, message, epoch);

    [Theory]
    [InlineData(RunAt.Delayed)]
    [InlineData(RunStatus.Sleeping)]
    [InlineData(RunStatus.Retrying)]
    public async Task A_timer_fires_once(string status)
    {
        var at = await RunAt.Status(status);
        var (epoch, due) = (at.Run.Epoch, at.Run.WakeAt!.Value);
        await at.Bench.Due(at.Id, epoch, due);
        var before = at.Everything();
        await at.Bench.Due(at.Id, epoch, due);
        Assert.Equal(before, at.Everything());
    }

    [Fact]
    public async Task A_message_to_a_run_that_is_not_there_makes_none()
    {
        var at = await RunAt.Status(RunStatus.Pending);
        var nobody = at.Bench.NewId();
        Assert.Null(await at.Bench.Finish(nobody, 1, AttemptOutcomes.Completed));
        Assert.Null(await at.Bench.Cancel(nobody));
        Assert.Single(at.Store.Runs);
    }

    [Fact]
    public async Task A_message_that_names_another_job_fails_alone()
    {
        var at = await RunAt.Status(RunStatus.Running);
        at.Store.Register(Given.Job(name: "other"));
        var wrong = new LocalItem<AttemptLost>(new(Given.Org, "other"), new(Given.Org, at.Id), new(Given.Org, at.Id, 1), machine => machine.Lost);
        var fine = at.Bench.Accepting();

        await Assert.ThrowsAsync<InvalidOperationException>(() => at.Bench.Commit(wrong, fine));

        Assert.Equal((RunStatus.Running, 1), (at.Run.Status, at.Run.Epoch));
        Assert.True(fine.Done.IsCompletedSuccessfully);
        Assert.Equal(2, at.Store.Runs.Count);
    }

    static async Task Ignores(string status, string message, int epoch)
    {
        var at = await RunAt.Status(status);
        var before = at.Everything();
        await Messages[message](at, epoch);
        Assert.Equal(before, at.Everything());
    }

    static TheoryData<string, string, int> All(IEnumerable<string> statuses, params int[] epochs)
    {
        var all = new TheoryData<string, string, int>();
        foreach (var status in statuses)
            foreach (var message in Messages.Keys)
                foreach (var epoch in epochs)
                    // Before the first dispatch the epoch is 0, and a delayed start's timer has it.
                    all.Add(status, message, epoch);
        return all;
    }
}
