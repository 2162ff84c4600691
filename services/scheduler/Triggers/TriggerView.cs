using System.Text.Json;
using System.Text.Json.Serialization;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Webhooks;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>A trigger as the API shows it: what all have, and the fields of its kind.</summary>
public sealed record TriggerView(string Id, string JobId, string Kind, bool Paused, DateTimeOffset CreatedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Topic { get; init; }

    /// <summary>Events from then on count, those too that were stored before the trigger.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Since { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Schedule { get; init; }

    /// <summary>Instead of a crontab expression: a schedule in English.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Timezone { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Seconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Payload { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Priority { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Misfire { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MisfireWindow { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Overlap { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Jitter { get; init; }

    /// <summary>The schedule in words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    /// <summary>The next nominal time; none while it is paused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? NextFireAt { get; init; }

    /// <summary>Of a webhook, as is what follows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Methods { get; init; }

    /// <summary>Without its secrets, but for the names of those that are kept elsewhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Verify { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Of a data trigger, as is what follows; with its schema.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Table { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Events { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? When { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Database { get; init; }

    /// <summary>The function whose code declares it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeclaredBy { get; init; }

    /// <summary>Shown when the trigger is made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    public static TriggerView Of(TriggerRow row, DateTimeOffset now)
    {
        var view = new TriggerView(row.Id, row.Job, row.Kind, row.Paused, row.CreatedAt) { DeclaredBy = row.DeclaredBy };
        try
        {
            return row.Kind switch
            {
                TriggerKinds.Event => view with { Topic = row.Topic, Since = EventTrigger.SinceOf(row) },
                TriggerKinds.Webhook => WebhookTrigger.Show(view, row),
                TriggerKinds.Data => DataTrigger.Show(view, row),
                TriggerKinds.Cron => CronTrigger.Of(row.Settings).ShownIn(view, now),
                _ => view,
            };
        }
        catch (ProblemException exception)
        {
            // It was right once: a newer database of time zones may lack its zone.
            return view with { Description = $"does not fire: {exception.Message}" };
        }
    }
}
