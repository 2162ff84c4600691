using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.ScheduledFunctions;

/// <summary>A run that a handler has scheduled, as callers see it.</summary>
/// <param name="FunctionPath">The job that it is a run of.</param>
/// <param name="State">The run's status.</param>
/// <param name="Attempts">That have begun.</param>
/// <param name="ScheduledBy">The run whose handler scheduled it; none of one that was cancelled before its start came in.</param>
public sealed record ScheduledFunction(string Id, string FunctionPath, RawJson Args, DateTimeOffset ScheduledTime, string State, int Attempts, string? ScheduledBy)
{
    public static readonly string[] Unfinished = [RunStatus.Pending, RunStatus.Running, RunStatus.Sleeping, RunStatus.Retrying];

    /// <summary>Null for a run that something else has started.</summary>
    public static ScheduledFunction? Of(Run run) => run.Trigger.Kind == TriggerKinds.Schedule || IsTombstone(run)
        ? new(run.Id.ToString(), run.Job, run.Payload, run.RunAt, run.Status, run.StartedAt is null ? 0 : run.Attempt, run.Trigger.Id)
        : null;

    /// <summary>Cancelled before its start came in (semantics 9): nothing else is known of it.</summary>
    static bool IsTombstone(Run run) => run is { Status: RunStatus.Cancelled, Epoch: 0, Payload.IsNull: true, Trigger.Kind: TriggerKinds.Manual };
}

/// <param name="Cancelled">The function has not run and will not.</param>
public sealed record CancelledFunction(bool Cancelled);
