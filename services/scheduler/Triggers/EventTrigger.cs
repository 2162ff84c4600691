using System.Text.Json.Nodes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>Starts the job for each event of a topic, which is matched exactly, case included.</summary>
public sealed record EventTrigger(string Topic) : TriggerRequest(TriggerKinds.Event)
{
    public const int LongestTopic = 256;

    public override JsonObject Settings => [];

    public override bool IsSameAs(TriggerRow row) => row.Kind == Kind && row.Topic == Topic;

    public override TriggerRow ToRow(string orgId, string id, string job, DateTimeOffset now)
    {
        var row = base.ToRow(orgId, id, job, now);
        row.Topic = Topic;
        return row;
    }

    public static new EventTrigger Read(Fields fields)
    {
        var topic = fields.String("topic", required: true);
        if (topic is not null && (topic.Length is 0 or > LongestTopic || topic.Any(char.IsControl)))
            fields.Wrong("topic", $"must have 1 to {LongestTopic} characters, none of them a control character");
        return new(topic ?? "");
    }

    /// <summary>What <see cref="Read"/> reads, as a JSON Schema.</summary>
    public static JsonObject Schema()
    {
        var topic = JsonSchema.Text("^[^\\u0000-\\u001f\\u007f-\\u009f]*$");
        (topic["minLength"], topic["maxLength"]) = (1, LongestTopic);
        var schema = TriggerSchema.OfKind(TriggerKinds.Event, [new("topic", topic, "Of an event; matched exactly, case included.")]);
        schema["required"] = new JsonArray("topic");
        return schema;
    }
}
