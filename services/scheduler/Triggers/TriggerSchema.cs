using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>What <see cref="TriggerRequest"/> reads, as a JSON Schema.</summary>
public static class TriggerSchema
{
    public static JsonObject Of()
    {
        var topic = JsonSchema.Text("^[^\\u0000-\\u001f\\u007f-\\u009f]*$");
        (topic["minLength"], topic["maxLength"]) = (1, TriggerRequest.LongestTopic);
        SchemaField[] kinds = [.. new[] { "kind", "type" }.Select(x => new SchemaField(x, JsonSchema.OneOf(TriggerRequest.Kinds, nullable: false), "What starts a run."))];
        var schema = JsonSchema.Object([.. kinds, new("topic", topic, "Of an event; matched exactly, case included.")], nullable: false);
        schema["oneOf"] = JsonSchema.OneOfRequired(kinds.Select(x => x.Name));
        schema["required"] = new JsonArray("topic");
        return schema;
    }
}
