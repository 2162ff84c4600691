using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>What tests start from, with the values that matter to them changed.</summary>
static class Given
{
    public const string Org = "acme";
    public const string JobName = "process-order";
    public const string Handler = "process";

    public static readonly RunError Error = new("Error", "it broke");

    public static Job Job(string org = Org, string name = JobName, int maxAttempts = 3, int maxConcurrency = 10) => new()
    {
        OrgId = org,
        Name = name,
        Handler = Handler,
        Retry = RetryPolicy.Default(maxAttempts),
        TimeoutMs = 600_000,
        MaxConcurrency = maxConcurrency,
        RetentionDays = 30,
    };

    /// <summary>A run in its first attempt, for the pure decisions.</summary>
    public static Run Run(int attempt = 1, int maxAttempts = 3, int losses = 0) => new()
    {
        OrgId = Org,
        Job = JobName,
        CurrentState = nameof(RunStateMachine.Running),
        Attempt = attempt,
        MaxAttempts = maxAttempts,
        Losses = losses,
    };

    public static AttemptFinished Outcome(string outcome, RunError? error = null, bool fatal = false, long? retryAfterMs = null) => new(
        Org, default, JobName, 1, outcome, RawJson.Null, error, fatal, retryAfterMs, ManualTime.Start, ManualTime.Start);
}

/// <summary>Dice that always show the same.</summary>
sealed class FixedDice : Random
{
    public override double NextDouble() => 0.5;
}
