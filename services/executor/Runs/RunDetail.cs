using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;

namespace ReactorJobs.Executor.Runs;

/// <summary>What the executor knows of a run, as the API shows it.</summary>
public sealed record RunDetail(IReadOnlyList<StepView> Steps, IReadOnlyList<AttemptView> Attempts, IReadOnlyList<EventView> Events)
{
    const string Step = "step:";
    const string Sleep = "sleep:";
    static readonly JsonSerializerOptions ErrorJson = new(JsonSerializerDefaults.Web);

    internal static RunDetail Of(RunId run, IReadOnlyList<CheckpointRow> journal, IReadOnlyList<AttemptRow> ended, LeaseRow? lease, DateTimeOffset now)
    {
        var steps = journal.Select(x => Of(x, now)).OfType<StepView>().ToList();
        var attempts = ended.Where(x => x.Number > 0).OrderBy(x => x.Epoch).Select(x => new AttemptView(
            x.Number, x.Epoch, x.Worker, x.StartedAt, x.EndedAt, x.Outcome, x.Error is null ? null : JsonSerializer.Deserialize<RunError>(x.Error, ErrorJson))).ToList();

        // The step that failed last is shown while nothing of its name is in the journal.
        if (attempts.LastOrDefault() is { Error: { Step: { } failed } error } last && steps.All(x => x.Name != failed))
            steps.Add(new(failed, "step", "failed", last.Number, null, null, default, null, error));
        if (lease is not null)
            attempts.Add(new(lease.Attempt, lease.Epoch, lease.Worker, lease.ClaimedAt, null, null, null));
        var events = journal.SelectMany(x => (Columns.FromJson<string[]>(x.Topics) ?? []).Select((topic, i) => new EventView(topic, AttemptMessages.EventIdOf(run, x.Key, i))));
        return new(steps, attempts, [.. events]);
    }

    static StepView? Of(CheckpointRow row, DateTimeOffset now) =>
        row.Key.StartsWith(Step, StringComparison.Ordinal)
            ? new(row.Key[Step.Length..], "step", "completed", row.Attempt, row.StartedAt, row.DurationMs, RawJson.Trusted(row.Output), null, null)
            : row.Key.StartsWith(Sleep, StringComparison.Ordinal)
                ? new(row.Key[Sleep.Length..], "sleep", row.DueAt <= now ? "completed" : "sleeping", row.Attempt, row.StartedAt, row.DurationMs, default, row.DueAt, null)
                : null;
}

/// <param name="Kind"><c>step</c> or <c>sleep</c>.</param>
/// <param name="Status"><c>completed</c>, <c>failed</c>, or <c>sleeping</c>.</param>
public sealed record StepView(
    string Name, string Kind, string Status, int Attempt, DateTimeOffset? StartedAt, long? DurationMs, RawJson Output, DateTimeOffset? DueAt, RunError? Error);

/// <param name="Outcome">Null, like <paramref name="EndedAt"/>, while it runs.</param>
public sealed record AttemptView(
    int Number, int Epoch, string Worker, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Outcome, RunError? Error);

public sealed record EventView(string Topic, EventId Id);
