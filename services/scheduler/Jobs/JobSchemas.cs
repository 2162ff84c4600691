using System.Text.Json.Nodes;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Schemas;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>
/// What <see cref="JobRequest"/> reads, as JSON Schemas. It can say all but that names are unique in a manifest, and that a URL is one.
/// </summary>
public static class JobSchemas
{
    public const string OfJob = "job.json";
    public const string OfManifest = "jobs-manifest.json";
    public const string OfFunctionJob = "function-job.json";

    public static readonly string[] Names = [OfJob, OfManifest, OfFunctionJob];

    public static PublishedSchema Published(string name, SchedulerOptions options) => new(name, name switch
    {
        OfJob => JsonSchema.Document("A job", Job(options)),
        OfManifest => JsonSchema.Document("A manifest of jobs", Manifest(options)),
        _ => JsonSchema.Document("The job of a function", JsonSchema.Object(Settings(options), nullable: false)),
    });

    /// <summary>A list of jobs, or one job alone.</summary>
    static JsonObject Manifest(SchedulerOptions options) => new()
    {
        ["type"] = "object",
        ["if"] = JsonSchema.Requires("jobs"),
        ["then"] = JsonSchema.Object(
        [
            JsonSchema.Self,
            new("jobs", new() { ["type"] = "array", ["maxItems"] = JobRequest.MostJobs, ["items"] = new JsonObject { ["$ref"] = "#/$defs/job" } }, "The jobs; those that it does not name stay as they are."),
        ], nullable: false),
        ["else"] = new JsonObject { ["$ref"] = "#/$defs/job" },
        ["$defs"] = new JsonObject { ["job"] = Job(options) },
    };

    static JsonObject Job(SchedulerOptions options)
    {
        var named = JsonSchema.Requires("id");
        named["properties"] = new JsonObject { ["id"] = new JsonObject { ["type"] = "string" } };
        var byName = JsonSchema.Requires("name");
        byName["properties"] = new JsonObject { ["name"] = Name() };
        var handlers = JobRequest.HandlerFields.Select(x => new SchemaField(x, Handler(), "What runs it: a deployed function, a connected worker's handler of that name, or an http(s) URL.")).ToArray();
        var schema = JsonSchema.Object(
        [
            new("id", JsonSchema.Text(), "The job's name in paths and commands, where name is for people."),
            new("name", JsonSchema.Text(), "The job's name in paths and commands; beside an id, the one for people."),
            .. handlers, .. Settings(options),
        ], nullable: false);
        schema["if"] = named;
        schema["then"] = new JsonObject { ["properties"] = new JsonObject { ["id"] = Name() } };
        schema["else"] = byName;
        schema["oneOf"] = JsonSchema.OneOfRequired(handlers.SelectMany(x => x.Spellings));
        return schema;
    }

    /// <summary>All but a job's names and handler.</summary>
    static IEnumerable<SchemaField> Settings(SchedulerOptions options) =>
    [
        JsonSchema.Self,
        new("display_name", JsonSchema.Text(), "The job's name for people."),
        new("timeout_ms", JsonSchema.Integer(1, (long)options.MaxTimeout.TotalMilliseconds), "Limit of one attempt, in milliseconds."),
        new("max_concurrency", JsonSchema.Integer(1, JobRequest.MostConcurrency), "How many of its runs may be due and unfinished at once."),
        new("retention_days", JsonSchema.Integer(1, JobRequest.MostRetentionDays), "When its finished runs are deleted."),
        new("paused", JsonSchema.Boolean(), "Whether it starts no runs for now; what triggers it waits."),
        new("retry", JsonSchema.Object(
        [
            new("max_attempts", JsonSchema.Integer(1, RetryPolicy.MostAttempts), "Attempts before a run goes to the dead letters."),
            .. Backoff("backoff", "initial_delay_ms", "max_delay_ms"),
        ]), "When a failed attempt is followed by another."),
        new("retries", JsonSchema.Integer(0, RetryPolicy.MostAttempts - 1), "Attempts after the first one."),
        new("retry_backoff", JsonSchema.Object(Backoff("type", "initial_ms", "max_ms")), "The pauses between attempts, beside retries."),
        new("triggers", JsonSchema.Array(TriggerSchema.Of(), JobRequest.MostTriggers), "The job's triggers from now on; those that it has stay when this is left out."),
    ];

    static SchemaField[] Backoff(string type, string initial, string most) =>
    [
        new(type, JsonSchema.OneOf([RetryPolicy.Exponential, RetryPolicy.Linear]), "How the pauses grow."),
        new(initial, JsonSchema.Integer(0, JobRequest.LongestDelayMs), "The first pause, in milliseconds."),
        new(most, JsonSchema.Integer(0, JobRequest.LongestDelayMs), "No pause is longer, in milliseconds."),
        new("multiplier", JsonSchema.Number(1, 100), "By which exponential pauses grow."),
        new("jitter", JsonSchema.Number(0, 1), "The share by which a pause may be shorter or longer."),
    ];

    static JsonObject Name() => JsonSchema.Text($"^(?!(?:{string.Join('|', JobName.Reserved)})$){HandlerName.Pattern}$");

    static JsonObject Handler()
    {
        const string scheme = "[hH][tT][tT][pP][sS]?://";
        var url = JsonSchema.Text($"^{scheme}[^/?#@\\s]+(?:[/?#]\\S*)?$");
        url["maxLength"] = JobRequest.LongestUrl;
        return new() { ["anyOf"] = new JsonArray(JsonSchema.Text($"^(?!{scheme}){HandlerName.Pattern}$"), url) };
    }
}
