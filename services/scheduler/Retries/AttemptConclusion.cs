using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Retries;

/// <summary>What follows from the end of an attempt. The decision touches nothing; the state machine acts on it.</summary>
public abstract record AttemptConclusion
{
    /// <summary>The run is complete.</summary>
    public sealed record Complete : AttemptConclusion
    {
        /// <summary>The runs that begin with its completion.</summary>
        public IReadOnlyList<AcceptRun> Follows { get; init; } = [];
    }

    /// <summary>Another attempt at that time.</summary>
    public sealed record Retry(DateTimeOffset At) : AttemptConclusion;

    /// <summary>The platform lost the attempt, or it was handed back: queued again, and the policy's attempts are not used up.</summary>
    public sealed record Requeue(bool Loss) : AttemptConclusion;

    /// <summary>The run failed for good and goes to the dead letters.</summary>
    public sealed record Bury(RunError Error) : AttemptConclusion;

    public static AttemptConclusion Of(
        Run run, AttemptFinished outcome, RetryPolicy policy, int poisonAfterLosses, DateTimeOffset now, double dice) => outcome.Outcome switch
        {
            AttemptOutcomes.Completed => new Complete(),
            AttemptOutcomes.Released => new Requeue(Loss: false),
            AttemptOutcomes.Lost => OfLoss(run, poisonAfterLosses),
            _ when outcome.Fatal || run.Attempt >= run.MaxAttempts => new Bury(outcome.Error ?? Unexplained),
            _ => new Retry(now + policy.DelayAfter(run.Attempt, outcome.RetryAfterMs, dice)),
        };

    public static AttemptConclusion OfLoss(Run run, int poisonAfterLosses) => run.Losses + 1 < poisonAfterLosses
        ? new Requeue(Loss: true)
        : new Bury(new("PoisonError", $"The run's process was lost {poisonAfterLosses} times in a row: it probably brings it down.", "poison"));

    static readonly RunError Unexplained = new("Error", "The handler failed without an error.");
}
