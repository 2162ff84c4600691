using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>A job as the API shows it.</summary>
public sealed record JobView(
    string Id, string Name, string Handler, string FunctionName, RetryView Retry, long TimeoutMs, int MaxConcurrency, int RetentionDays, bool Paused,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<TriggerView>? Triggers)
{
    public static JobView Of(Job job, IReadOnlyList<TriggerView>? triggers = null) => new(
        job.Name, job.DisplayName ?? job.Name, job.Handler, job.Handler,
        new(job.Retry.MaxAttempts, job.Retry.Backoff, job.Retry.InitialMs, job.Retry.MaxMs, job.Retry.Multiplier, job.Retry.Jitter),
        job.TimeoutMs, job.MaxConcurrency, job.RetentionDays, job.Paused, job.CreatedAt, job.UpdatedAt, triggers);
}

public sealed record RetryView(int MaxAttempts, string Backoff, long InitialDelayMs, long MaxDelayMs, double Multiplier, double Jitter);
