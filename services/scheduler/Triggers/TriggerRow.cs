namespace ReactorJobs.Scheduler.Triggers;

/// <summary>A row of the <c>trigger</c> table.</summary>
public sealed class TriggerRow
{
    public required string OrgId { get; set; }
    public required string Id { get; set; }
    public required string Job { get; set; }
    public required string Kind { get; set; }

    /// <summary>Of an event.</summary>
    public string? Topic { get; set; }

    /// <summary>Of the other kinds: <see cref="TriggerRequest.Settings"/>.</summary>
    public string Settings { get; set; } = "{}";

    public bool Paused { get; set; }

    /// <summary>The function whose code declares it: it comes and goes with that function's versions.</summary>
    public string? DeclaredBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
