using System.Text.Json.Serialization;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Reaction;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>A job of a definition, which is a run, as lists show it.</summary>
public record ScheduledJobSummary(
    [property: JsonPropertyName("jobId")] string JobId,
    [property: JsonPropertyName("jobDefinitionId")] string JobDefinitionId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("runAt")] DateTimeOffset RunAt,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("startedAt")] DateTimeOffset? StartedAt,
    [property: JsonPropertyName("completedAt")] DateTimeOffset? CompletedAt,
    [property: JsonPropertyName("durationMs")] long? DurationMs,
    [property: JsonPropertyName("scheduledBy")] string? ScheduledBy,
    [property: JsonPropertyName("error")] RunErrorView? Error)
{
    public static ScheduledJobSummary Of(RunListRow run) => new(
        new RunId(run.Id).ToString(), run.Job, run.Status, run.RunAt, run.CreatedAt, run.StartedAt, run.CompletedAt, Duration(run.StartedAt, run.CompletedAt),
        By(run.TriggerKind, run.TriggerId), run.Error is null ? null : RunErrorView.Of(RunRow.Error(run.Error)));

    protected static long? Duration(DateTimeOffset? start, DateTimeOffset? end) => start is { } a && end is { } b ? (long)Math.Max(0, (b - a).TotalMilliseconds) : null;

    /// <summary>The job whose result has scheduled this one.</summary>
    protected static string? By(string kind, string? id) => kind == TriggerKinds.Effect ? id : null;
}

/// <summary>A job whole.</summary>
public sealed record ScheduledJobView(
    string JobId, string JobDefinitionId, string Status, DateTimeOffset RunAt, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt, long? DurationMs,
    string? ScheduledBy, RunErrorView? Error,
    [property: JsonPropertyName("parameters")] RawJson Parameters,
    [property: JsonPropertyName("result")] RawJson? Result)
    : ScheduledJobSummary(JobId, JobDefinitionId, Status, RunAt, CreatedAt, StartedAt, CompletedAt, DurationMs, ScheduledBy, Error)
{
    public static ScheduledJobView Of(Run run) => new(
        run.Id.ToString(), run.Job, run.Status, run.RunAt, run.CreatedAt, run.StartedAt, run.CompletedAt, Duration(run.StartedAt, run.CompletedAt),
        By(run.Trigger.Kind, run.Trigger.Id), run.Error is null ? null : RunErrorView.Of(run.Error), run.Payload, run.Result);
}

/// <summary>A job to schedule as callers describe it: of a job definition, or of a type, which the last six are for.</summary>
public sealed record ScheduledJobSpec(
    [property: JsonPropertyName("jobDefinitionId")] string? JobDefinitionId,
    [property: JsonPropertyName("parameters")] object? Parameters,
    [property: JsonPropertyName("runAt")] DateTimeOffset? RunAt,
    [property: JsonPropertyName("type")] string? Type,
    [property: JsonPropertyName("data")] object? Data,
    [property: JsonPropertyName("retry")] ReactionRetrySpec? Retry,
    [property: JsonPropertyName("priority")] object? Priority,
    [property: JsonPropertyName("schedule")] string? Schedule,
    [property: JsonPropertyName("cancelRepeats")] bool? CancelRepeats);
