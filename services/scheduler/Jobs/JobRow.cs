namespace ReactorJobs.Scheduler.Jobs;

/// <summary>A row of the <c>job</c> table. A deleted job's row stays until its runs are gone.</summary>
public sealed class JobRow
{
    public required string OrgId { get; set; }
    public required string Name { get; set; }
    public string? DisplayName { get; set; }
    public required string Handler { get; set; }
    public int MaxAttempts { get; set; }
    public required string Backoff { get; set; }
    public long BackoffInitialMs { get; set; }
    public long BackoffMaxMs { get; set; }
    public double BackoffMultiplier { get; set; }
    public double BackoffJitter { get; set; }
    public long TimeoutMs { get; set; }
    public int MaxConcurrency { get; set; }
    public int RetentionDays { get; set; }
    public bool Paused { get; set; }
    public string? ComponentId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? DeletedAt { get; set; }

    public Job ToJob() => new()
    {
        OrgId = OrgId,
        Name = Name,
        DisplayName = DisplayName,
        Handler = Handler,
        Retry = new(MaxAttempts, Backoff, BackoffInitialMs, BackoffMaxMs, BackoffMultiplier, BackoffJitter),
        TimeoutMs = TimeoutMs,
        MaxConcurrency = MaxConcurrency,
        RetentionDays = RetentionDays,
        Paused = Paused,
        ComponentId = ComponentId,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };

    public static JobRow Of(Job job) => new()
    {
        OrgId = job.OrgId,
        Name = job.Name,
        DisplayName = job.DisplayName,
        Handler = job.Handler,
        MaxAttempts = job.Retry.MaxAttempts,
        Backoff = job.Retry.Backoff,
        BackoffInitialMs = job.Retry.InitialMs,
        BackoffMaxMs = job.Retry.MaxMs,
        BackoffMultiplier = job.Retry.Multiplier,
        BackoffJitter = job.Retry.Jitter,
        TimeoutMs = job.TimeoutMs,
        MaxConcurrency = job.MaxConcurrency,
        RetentionDays = job.RetentionDays,
        Paused = job.Paused,
        ComponentId = job.ComponentId,
        CreatedAt = job.CreatedAt,
        UpdatedAt = job.UpdatedAt,
    };
}
