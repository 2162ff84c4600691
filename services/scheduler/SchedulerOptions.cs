using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Scheduler;

/// <summary>Settings of the scheduler, with the defaults of the limits table.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Outlives restarts: a scheduler of the same name takes its timers' shards over at once.</summary>
    public string Name { get; init; } = "scheduler";

    public int DefaultMaxAttempts { get; init; } = 3;

    public int DefaultMaxConcurrency { get; init; } = 10;

    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan MaxTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many runs of one org may be running at once, over all its jobs; null is no limit.</summary>
    public int? MaxOrgConcurrentRuns { get; init; }

    public int RetentionDays { get; init; } = 30;

    /// <summary>How long a run of low priority waits at most for critical ones that come later; others by as much as their priorities are closer.</summary>
    public TimeSpan LongestPriorityWait { get; init; } = TimeSpan.FromMinutes(30);

    public TimeSpan IdempotencyWindow { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Attempts lost in a row before a run counts as poison (semantics 8).</summary>
    public int PoisonAfterLosses { get; init; } = 20;

    /// <summary>A dispatch without an outcome is sent again after this, at growing intervals (semantics 6).</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often what has stalled is looked for.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>An executor that has not been heard of for this long has lost its attempts.</summary>
    public TimeSpan ExecutorDeadAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Items in one transaction at most.</summary>
    public int GroupLimit { get; init; } = 200;

    /// <summary>What the installation's settings say, and defaults for the rest.</summary>
    public static SchedulerOptions From(JobsSettings jobs, string name) => new()
    {
        Name = name,
        DefaultMaxAttempts = jobs.DefaultMaxAttempts,
        DefaultMaxConcurrency = jobs.DefaultMaxConcurrency,
        DefaultTimeout = TimeSpan.FromMilliseconds(jobs.DefaultTimeoutMs),
        MaxTimeout = TimeSpan.FromMilliseconds(jobs.MaxTimeoutMs),
        MaxOrgConcurrentRuns = jobs.MaxOrgConcurrentRuns,
        RetentionDays = jobs.RetentionDays,
        LongestPriorityWait = TimeSpan.FromMilliseconds(jobs.PriorityWaitMs),
        SweepEvery = TimeSpan.FromMilliseconds(jobs.SchedulerIntervalMs),
    };
}
