namespace ReactorJobs.Contracts;

/// <summary>Asks the scheduler to start runs: up to <see cref="MaxStarts"/> in one message, so that one event to many jobs is groups, not single messages.</summary>
public sealed record StartRun(IReadOnlyList<RunStart> Starts)
{
    public const int MaxStarts = 500;
}

/// <summary>
/// One run to start. The same <see cref="RunId"/> again is the same run: nothing is started twice.
/// </summary>
public sealed record RunStart(string OrgId, RunId RunId, string Job, RawJson Payload, RunTrigger Trigger);

/// <summary>What started a run: its kind (<see cref="TriggerKinds"/>) and the id of the trigger or event, where there is one.</summary>
public sealed record RunTrigger(string Kind, string? Id = null, RawJson Detail = default)
{
    public static readonly RunTrigger Manual = new(TriggerKinds.Manual);
}

public static class TriggerKinds
{
    public const string Manual = "manual";
    public const string Cron = "cron";
    public const string Webhook = "webhook";
    public const string Event = "event";
    public const string Data = "data";
}
