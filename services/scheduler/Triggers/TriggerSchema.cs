using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Schemas;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.Webhooks;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>What <see cref="TriggerRequest"/> reads, as a JSON Schema: one of its kinds.</summary>
public static class TriggerSchema
{
    public static JsonObject Of() => new() { ["oneOf"] = new JsonArray(EventTrigger.Schema(), CronTrigger.Schema(), WebhookTrigger.Schema(), DataTrigger.Schema()) };

    /// <summary>A trigger of one kind, with the fields that only this kind has.</summary>
    public static JsonObject OfKind(string kind, IEnumerable<SchemaField> fields)
    {
        SchemaField[] names = [.. new[] { "kind", "type" }.Select(x => new SchemaField(x, JsonSchema.OneOf([kind], nullable: false), "What starts a run."))];
        var schema = JsonSchema.Object([.. names, .. fields], nullable: false);
        schema["oneOf"] = JsonSchema.OneOfRequired(names.Select(x => x.Name));
        return schema;
    }
}
