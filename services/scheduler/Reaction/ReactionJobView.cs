using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Reaction;

/// <summary>A job as Reaction's plugins see it: a run of its type, or the schedule that starts such runs.</summary>
/// <param name="Status">That of the run; of a schedule <see cref="Scheduled"/>.</param>
/// <param name="Progress">What its worker has said last; null before.</param>
/// <param name="Schedule">As it was written; null where it runs once.</param>
/// <param name="RunAt">When it starts, or starts next.</param>
public sealed record ReactionJobView(
    string Id, string Type, RawJson Data, string Status, string Priority, JsonElement? Progress, string? Schedule, DateTimeOffset CreatedAt, DateTimeOffset? RunAt,
    DateTimeOffset? CompletedAt, int Attempt, int MaxAttempts, RawJson? Result, RunErrorView? Error)
{
    public const string Scheduled = "scheduled";

    /// <summary>The steps by which a worker says how far it is are called this and a number.</summary>
    const string ProgressStep = "progress:";

    public static readonly JsonSerializerOptions Json = new(ApiJson.Options) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static ReactionJobView Of(RunView run) => new(
        run.Id, run.JobId, run.Payload, run.Status, run.Priority, ProgressOf(run.Steps), null, run.CreatedAt, run.RunAt, run.CompletedAt, run.Attempt, run.MaxAttempts,
        run.Result, run.Error);

    /// <param name="maxAttempts">Of each of its runs.</param>
    public static ReactionJobView Of(TriggerView trigger, int maxAttempts) => new(
        trigger.Id, trigger.JobId, trigger.Payload ?? RawJson.Null, Scheduled, trigger.Priority ?? Priorities.Name(0), null, trigger.Text ?? trigger.Schedule, trigger.CreatedAt,
        trigger.NextFireAt, null, 0, maxAttempts, null, null);

    /// <summary>The last one that was said, whichever was stored last.</summary>
    public static JsonElement? ProgressOf(JsonElement? steps)
    {
        if (steps is not { ValueKind: JsonValueKind.Array } all)
            return null;
        var said = all.EnumerateArray().Where(x => NumberOf(x) is not null).OrderBy(NumberOf).Select(x => (JsonElement?)x).LastOrDefault();
        return said is { } last && last.TryGetProperty("output", out var output) ? output : null;
    }

    static int? NumberOf(JsonElement step) =>
        step.TryGetProperty("name", out var name) && name.GetString() is { } text && text.StartsWith(ProgressStep, StringComparison.Ordinal)
        && int.TryParse(text.AsSpan(ProgressStep.Length), out var number) ? number : null;
}
