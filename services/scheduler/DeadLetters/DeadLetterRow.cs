namespace ReactorJobs.Scheduler.DeadLetters;

public sealed class DeadLetterRow
{
    public required string OrgId { get; set; }
    public required string Id { get; set; }
    public required string Job { get; set; }
    public Guid RunId { get; set; }
    public required string Error { get; set; }
    public int Attempts { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public Guid? RetriedAs { get; set; }
}
