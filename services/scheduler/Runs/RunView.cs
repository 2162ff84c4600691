using System.Text.Json;
using System.Text.Json.Serialization;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>A run as lists show it.</summary>
public record RunSummary(
    string Id, string JobId, string Status, int Attempt, int MaxAttempts, string Priority, RunTriggerView Trigger,
    DateTimeOffset CreatedAt, DateTimeOffset RunAt, DateTimeOffset? WakeAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, long? DurationMs, string? RetryOf,
    RunErrorView? Error)
{
    public static RunSummary Of(RunListRow run) => new(
        new RunId(run.Id).ToString(), run.Job, run.Status, run.Attempt, run.MaxAttempts, Priorities.Name(run.Priority), new(run.TriggerKind, run.TriggerId, default),
        run.CreatedAt, run.RunAt, run.WakeAt, run.StartedAt, run.CompletedAt, Duration(run.StartedAt, run.CompletedAt),
        run.RetryOf is { } of ? new RunId(of).ToString() : null, run.Error is null ? null : RunErrorView.Of(RunRow.Error(run.Error)));

    protected static long? Duration(DateTimeOffset? start, DateTimeOffset? end) => start is { } a && end is { } b ? (long)Math.Max(0, (b - a).TotalMilliseconds) : null;
}

/// <summary>A run whole. Steps and attempts are the executor's, and null when it is away, which <paramref name="Reason"/> then says.</summary>
/// <param name="Reason">Why a pending run is not running, or what is missing of the detail.</param>
public sealed record RunView(
    string Id, string JobId, string Status, int Attempt, int MaxAttempts, string Priority, RunTriggerView Trigger,
    DateTimeOffset CreatedAt, DateTimeOffset RunAt, DateTimeOffset? WakeAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, long? DurationMs, string? RetryOf,
    RunErrorView? Error, RawJson Payload, RawJson? Result, string? Reason, JsonElement? Steps, JsonElement? Attempts, JsonElement? Events)
    : RunSummary(Id, JobId, Status, Attempt, MaxAttempts, Priority, Trigger, CreatedAt, RunAt, WakeAt, StartedAt, CompletedAt, DurationMs, RetryOf, Error)
{
    public static RunView Of(Run run) => new(
        run.Id.ToString(), run.Job, run.Status, run.Attempt, run.MaxAttempts, Priorities.Name(run.Priority), new(run.Trigger.Kind, run.Trigger.Id, run.Trigger.Detail),
        run.CreatedAt, run.RunAt, run.WakeAt, run.StartedAt, run.CompletedAt, Duration(run.StartedAt, run.CompletedAt), run.RetryOf?.ToString(),
        run.Error is null ? null : RunErrorView.Of(run.Error), run.Payload, run.Result, null, null, null, null);
}

public sealed record RunTriggerView(string Kind, string? Id, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RawJson Detail);

public sealed record RunErrorView(string Name, string Message, string? Code, string? Stack, string? Step)
{
    public static RunErrorView Of(RunError error) => new(error.Name, error.Message, error.Code, error.Stack, error.Step);
}
