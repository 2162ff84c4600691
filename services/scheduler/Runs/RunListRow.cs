namespace ReactorJobs.Scheduler.Runs;

/// <summary>A run without its payload and result, as lists show it.</summary>
public sealed class RunListRow
{
    public required string OrgId { get; set; }
    public Guid Id { get; set; }
    public required string Job { get; set; }
    public required string Handler { get; set; }
    public required string Status { get; set; }
    public int Epoch { get; set; }
    public int Attempt { get; set; }
    public int MaxAttempts { get; set; }
    public short Priority { get; set; }
    public required string TriggerKind { get; set; }
    public string? TriggerId { get; set; }
    public string? Error { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset RunAt { get; set; }
    public DateTimeOffset? WakeAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
    public Guid? RetryOf { get; set; }
}
