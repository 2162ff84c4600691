using System.Text.Json.Serialization;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>A trigger as the API shows it: what all have, and the fields of its kind.</summary>
public sealed record TriggerView(string Id, string JobId, string Kind, bool Paused, DateTimeOffset CreatedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Topic { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Since { get; init; }

    public static TriggerView Of(TriggerRow row) => new(row.Id, row.Job, row.Kind, row.Paused, row.CreatedAt) { Topic = row.Topic, Since = EventTrigger.SinceOf(row) };
}
