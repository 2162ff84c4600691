namespace ReactorJobs.Contracts;

/// <summary>Tells the events service which runs of a <see cref="StartRun"/> do not come to be: nobody waits for its answer, and it must not vanish.</summary>
public sealed record StartsRefused(IReadOnlyList<RefusedStart> Refused);

/// <param name="Code">Stable: one of <see cref="RefusalCodes"/>.</param>
/// <param name="Reason">For people.</param>
public sealed record RefusedStart(string OrgId, RunId RunId, string Job, RawJson Payload, RunTrigger Trigger, string Code, string Reason);

/// <summary>Why a run or an event that was asked for does not come to be.</summary>
public static class RefusalCodes
{
    public const string JobNotFound = "job_not_found";

    /// <summary>The key, or the event's id, stands for something else.</summary>
    public const string IdempotencyConflict = "idempotency_conflict";

    /// <summary>The key has started another run before.</summary>
    public const string AlreadyStarted = "already_started";

    /// <summary>An option is not allowed here.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>The suite's own fault.</summary>
    public const string Failed = "failed";
}
