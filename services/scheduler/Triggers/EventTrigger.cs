using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>Starts the job for each event of a topic, which is matched exactly, case included.</summary>
/// <param name="Since">
/// From when on earlier events count too, as it was given: a time, or how long before the trigger is made. Only at its making; a trigger that is
/// there has had them.
/// </param>
public sealed partial record EventTrigger(string Topic, string? Since = null) : TriggerRequest(TriggerKinds.Event)
{
    const string SincePattern = "[0-9]{1,5}[smh]|[0-9]{1,4}d|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,7})?(?:Z|[+-][0-9]{2}:[0-9]{2})";
    const string SinceSetting = "since";

    public override JsonObject Settings => [];

    public override bool IsSameAs(TriggerRow row) => row.Kind == Kind && row.Topic == Topic;

    public override TriggerRow ToRow(string orgId, string id, string job, DateTimeOffset now)
    {
        var row = base.ToRow(orgId, id, job, now);
        row.Topic = Topic;
        if (Since is not null)
            row.Settings = new JsonObject { [SinceSetting] = Before(Since, now)!.Value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) }.ToJsonString();
        return row;
    }

    /// <summary>From when on the trigger has events from before its making; null is none of them.</summary>
    public static DateTimeOffset? SinceOf(TriggerRow row) =>
        row.Kind == TriggerKinds.Event && JsonDocument.Parse(row.Settings).RootElement.TryGetProperty(SinceSetting, out var since) ? since.GetDateTimeOffset() : null;

    public static new EventTrigger Read(Fields fields)
    {
        var topic = fields.String("topic", required: true);
        if (topic is not null && EventTopic.Flaw(topic) is { } flaw)
            fields.Wrong("topic", flaw);
        var since = fields.String("since");
        if (since is not null && Before(since, DateTimeOffset.UnixEpoch) is null)
            fields.Wrong("since", "must be a time as in RFC 3339, such as 2026-01-31T09:00:00Z, or how long ago, such as 90m, 24h or 7d");
        return new(topic ?? "", since);
    }

    /// <summary>What <see cref="Read"/> reads, as a JSON Schema.</summary>
    public static JsonObject Schema()
    {
        var topic = JsonSchema.Text("^[^\\u0000-\\u001f\\u007f-\\u009f]*$");
        (topic["minLength"], topic["maxLength"]) = (1, EventTopic.Longest);
        var since = JsonSchema.Text($"^(?:{SincePattern})$");
        since["type"] = new JsonArray("string", "null");
        var schema = TriggerSchema.OfKind(TriggerKinds.Event,
        [
            new("topic", topic, "Of an event; matched exactly, case included."),
            new("since", since, "Events from before the trigger count too, from this time on, or from so long ago."),
        ]);
        schema["required"] = new JsonArray("topic");
        return schema;
    }

    static DateTimeOffset? Before(string since, DateTimeOffset now) =>
        !Spelling().IsMatch(since) ? null
        : Duration.TryParse(since, out var ago) ? now - ago
        : DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time) ? time
        : null;

    [GeneratedRegex($"^(?:{SincePattern})\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Spelling();
}
