using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>The table of semantics 8: which end of an attempt completes, retries, queues again or buries the run.</summary>
public sealed class The_end_of_an_attempt_decides_what_follows
{
    const int PoisonAfter = 20;

    [Fact]
    public void A_completed_attempt_completes_the_run() => Assert.IsType<AttemptConclusion.Complete>(Of(Given.Run(), Given.Outcome(AttemptOutcomes.Completed)));

    [Fact]
    public void Completion_counts_in_the_last_attempt_too() =>
        Assert.IsType<AttemptConclusion.Complete>(Of(Given.Run(attempt: 3), Given.Outcome(AttemptOutcomes.Completed)));

    [Theory]
    [InlineData(AttemptOutcomes.Failed)]
    [InlineData(AttemptOutcomes.TimedOut)]
    public void A_failure_is_tried_again_after_the_backoff(string outcome) => Assert.Equal(
        new AttemptConclusion.Retry(ManualTime.Start.AddSeconds(2)), Of(Given.Run(attempt: 2), Given.Outcome(outcome, Given.Error)));

    [Fact]
    public void What_the_handler_asked_for_is_heard() => Assert.Equal(
        new AttemptConclusion.Retry(ManualTime.Start.AddSeconds(30)), Of(Given.Run(), Given.Outcome(AttemptOutcomes.Failed, Given.Error, retryAfterMs: 30_000)));

    [Theory]
    [InlineData(AttemptOutcomes.Failed)]
    [InlineData(AttemptOutcomes.TimedOut)]
    public void A_fatal_failure_is_the_runs(string outcome) =>
        Assert.Equal(new AttemptConclusion.Bury(Given.Error), Of(Given.Run(), Given.Outcome(outcome, Given.Error, fatal: true)));

    [Fact]
    public void The_last_attempts_failure_is_the_runs() =>
        Assert.Equal(new AttemptConclusion.Bury(Given.Error), Of(Given.Run(attempt: 3), Given.Outcome(AttemptOutcomes.Failed, Given.Error)));

    [Theory]
    [InlineData(1, 1)] // retries: 0
    [InlineData(3, 3)]
    [InlineData(6, 6)] // retries: 5
    public void Max_attempts_counts_attempts_and_not_retries(int maxAttempts, int attempts)
    {
        var policy = RetryPolicy.Default(maxAttempts);
        var run = Given.Run(maxAttempts: maxAttempts);
        while (Of(run, Given.Outcome(AttemptOutcomes.Failed, Given.Error), policy) is AttemptConclusion.Retry)
            run.Attempt++;
        Assert.Equal(attempts, run.Attempt);
    }

    [Fact]
    public void A_failure_without_an_error_gets_one() =>
        Assert.Equal("The handler failed without an error.", Assert.IsType<AttemptConclusion.Bury>(Of(Given.Run(attempt: 3), Given.Outcome(AttemptOutcomes.Failed))).Error.Message);

    [Fact]
    public void A_lost_attempt_is_queued_again_in_the_last_attempt_too() =>
        Assert.Equal(new AttemptConclusion.Requeue(Loss: true), Of(Given.Run(attempt: 3), Given.Outcome(AttemptOutcomes.Lost)));

    [Fact]
    public void A_released_attempt_is_no_loss() =>
        Assert.Equal(new AttemptConclusion.Requeue(Loss: false), Of(Given.Run(losses: PoisonAfter), Given.Outcome(AttemptOutcomes.Released)));

    [Theory]
    [InlineData(0, false)]
    [InlineData(18, false)]
    [InlineData(19, true)] // the twentieth
    [InlineData(25, true)]
    public void Twenty_losses_in_a_row_are_poison(int earlier, bool poison)
    {
        foreach (var conclusion in new[] { Of(Given.Run(losses: earlier), Given.Outcome(AttemptOutcomes.Lost)), AttemptConclusion.OfLoss(Given.Run(losses: earlier), PoisonAfter) })
            if (poison)
                Assert.Equal("poison", Assert.IsType<AttemptConclusion.Bury>(conclusion).Error.Code);
            else
                Assert.Equal(new AttemptConclusion.Requeue(Loss: true), conclusion);
    }

    static AttemptConclusion Of(Run run, AttemptFinished outcome, RetryPolicy? policy = null) =>
        AttemptConclusion.Of(run, outcome, policy ?? RetryPolicy.Default(3), PoisonAfter, ManualTime.Start, dice: 0.5);
}
