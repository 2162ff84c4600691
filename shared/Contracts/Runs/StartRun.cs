namespace ReactorJobs.Contracts;

/// <summary>Asks the scheduler to start runs: up to <see cref="MaxStarts"/> in one message, so that one event to many jobs is groups, not single messages.</summary>
public sealed record StartRun(IReadOnlyList<RunStart> Starts)
{
    public const int MaxStarts = 500;
}

/// <summary>
/// One run to start. The same <see cref="RunId"/> again is the same run: nothing is started twice.
/// </summary>
/// <param name="RunAt">When it is due; null or past is at once.</param>
/// <param name="Priority">A higher one starts first; null is 0, normal.</param>
/// <param name="TimeoutMs">Of each attempt; null is the job's.</param>
/// <param name="IdempotencyKey">Starts one run of the job within 24 hours, as the one of the API does.</param>
public sealed record RunStart(
    string OrgId, RunId RunId, string Job, RawJson Payload, RunTrigger Trigger,
    DateTimeOffset? RunAt = null, short? Priority = null, long? TimeoutMs = null, string? IdempotencyKey = null);

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

    /// <summary>A handler has scheduled it; the trigger's id is that handler's run.</summary>
    public const string Schedule = "schedule";

    /// <summary>The result of another run, which the id names.</summary>
    public const string Effect = "effect";

    /// <summary>A call of <c>reactor_jobs.trigger</c> in somebody's transaction.</summary>
    public const string Sql = "sql";
}
