using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Tests.Schemas;

/// <summary>A document that an editor calls right is taken, and one that it marks is refused: a reader that changes alone is found here.</summary>
public sealed class The_schemas_say_what_the_API_takes
{
    static readonly SchedulerOptions Options = new();

    /// <summary>What stands in guides, and what people get wrong.</summary>
    static readonly string[] Manifests =
    [
        """{"jobs": []}""",
        """{"jobs": null}""",
        """{"jobs": {}}""",
        """{"jobs": [7]}""",
        """{"jobs": [], "version": 1}""",
        """{"$schema": "http://localhost:8000/schemas/jobs-manifest.json", "jobs": [{"id": "a", "name": "A b", "handler": "h", "timeout_ms": 300000, "retries": 3}]}""",
        """{"$schema": 1, "jobs": []}""",
        """{"jobs": [{"id": "a", "handler": "h", "retry_backoff": {"type": "exponential", "initial_ms": 1000, "max_ms": 60000, "multiplier": 2}}, {"name": "b"}]}""",
        """{"jobs": [{"id": "a", "functionName": "f", "triggers": [{"type": "event", "topic": "order.created"}, {"kind": "event", "topic": "x"}]}]}""",
        """{"id": "a", "handler": "h"}""",
        """{"name": "a", "handler": "h", "$schema": "job.json"}""",
        """{"name": "a b", "handler": "h"}""",
        """{"id": null, "name": "a", "handler": "h"}""",
        """{"id": null, "name": null, "handler": "h"}""",
        """{"id": "a", "name": null, "handler": "h"}""",
        """{"id": "runs", "name": "Runs", "handler": "h"}""",
        """{"id": "a", "name": "runs", "display_name": "x", "handler": "runs"}""",
        """{"handler": "h"}""",
        """{"name": "a"}""",
        """{"name": "a", "handler": "h", "function_name": "h"}""",
        """{"name": "a", "function_name": "h", "functionName": "h"}""",
        """{"name": "a", "handler": null}""",
        """{"name": "a", "handler": "h", "triggers": [{"kind": "event", "type": "event", "topic": "x"}]}""",
        """{"name": "a", "handler": "h", "triggers": [{"kind": "event"}]}""",
        """{"name": "a", "handler": "h", "triggers": [{"topic": "x"}]}""",
        """{"name": "a", "handler": "h", "triggers": [{"kind": "event", "topic": ""}]}""",
        """{"name": "a", "handler": "h", "triggers": [{"kind": "event", "topic": "a\tb"}]}""",
        """{"name": "a", "handler": "h", "triggers": [{"kind": "evnt", "topic": "x"}]}""",
        """{"jobs": [{"id": "daily-sales-report", "name": "Daily Sales Report", "handler": "daily-report", "triggers": [{"type": "cron", "schedule": "0 6 * * *", "timezone": "America/New_York", "payload": {"report_type": "daily"}}]}]}""",
        .. Crons("""
            "schedule": "@daily"
            "cron": "@daily"
            "schedule": "@daily", "cron": "@daily"
            "text": "every day", "timezone": "Europe/Vienna"
            "schedule": "@daily", "text": "every day"
            "text": ""
            "timezone": "UTC"
            "schedule": null
            "schedule": 5
            "schedule": ""
            "schedule": "@daily", "topic": "x"
            "schedule": "@daily", "timezone": null, "seconds": null, "payload": null, "misfire": null, "misfireWindow": null, "overlap": null, "jitter": null
            "schedule": "@daily", "timezone": 1
            "schedule": "* * * * * *", "seconds": true
            "schedule": "@daily", "seconds": 1
            "schedule": "@daily", "payload": [{"a": 1}]
            "schedule": "@daily", "priority": "high"
            "schedule": "@daily", "priority": -100
            "schedule": "@daily", "priority": 101
            "schedule": "@daily", "priority": "urgent"
            "schedule": "@daily", "priority": 1.5
            "schedule": "@daily", "misfire": "all", "misfire_window": "366d", "overlap": "cancel_running", "jitter": "PT1H"
            "schedule": "@daily", "misfire": "none"
            "schedule": "@daily", "misfire_window": "366 days"
            "schedule": "@daily", "misfire_window": 31622400000
            "schedule": "@daily", "misfire_window": 31622400001
            "schedule": "@daily", "misfire_window": "1d", "misfireWindow": "1d"
            "schedule": "@daily", "overlap": "wait"
            "schedule": "@daily", "jitter": 3600000
            "schedule": "@daily", "jitter": 3600001
            "schedule": "@daily", "jitter": -1
            "schedule": "@daily", "jitter": true
            "schedule": "@daily", "jittr": 1
            """),
        .. Webhooks.Select(x => $$"""{"name": "a", "handler": "h", "triggers": [{{x}}]}"""),
        """{"name": "a", "handler": "h", "triggers": null, "retry": null}""",
        """{"name": "a", "handlr": "h"}""",
        "[]", "1", "null", "{}",
        $$"""{"name": "{{new string('a', 128)}}", "handler": "{{new string('a', 129)}}"}""",
        $$"""{"name": "a", "handler": "https://example.com/{{new string('a', 2028)}}"}""",
        $$"""{"name": "a", "handler": "https://example.com/{{new string('a', 2029)}}"}""",
        $$"""{"name": "a", "handler": "h", "triggers": [{"kind": "event", "topic": "{{new string('a', 256)}}"}]}""",
        $$"""{"name": "a", "handler": "h", "triggers": [{"kind": "event", "topic": "{{new string('a', 257)}}"}]}""",
        $$"""{"jobs": [{{string.Join(',', Enumerable.Range(0, 1000).Select(x => $$"""{"id": "j{{x}}", "handler": "h"}"""))}}]}""",
        $$"""{"jobs": [{{string.Join(',', Enumerable.Range(0, 1001).Select(x => $$"""{"id": "j{{x}}", "handler": "h"}"""))}}]}""",
    ];

    static IEnumerable<string> Webhooks =>
    [
        """{"kind": "data", "table": "public.orders", "events": ["insert","update","delete"]}""",
        """{"type": "data", "table": "orders", "events": null, "when": null, "database": null}""",
        """{"kind": "data"}""",
        """{"kind": "data", "table": null}""",
        """{"kind": "data", "table": "a.b.c"}""",
        """{"kind": "data", "table": "a b"}""",
        """{"kind": "data", "table": "\"My Shop\".\"a.\"\"b\""}""",
        """{"kind": "data", "table": "\"\""}""",
        """{"kind": "data", "table": "t", "events": []}""",
        """{"kind": "data", "table": "t", "events": ["insert", "insert"]}""",
        """{"kind": "data", "table": "t", "events": ["truncate"]}""",
        """{"kind": "data", "table": "t", "when": {"new": {"status": "paid", "camelCase": 1}, "old": {"a": null}}, "database": "shop"}""",
        """{"kind": "data", "table": "t", "when": {}}""",
        """{"kind": "data", "table": "t", "when": {"new": {}}}""",
        """{"kind": "data", "table": "t", "when": {"new": null}}""",
        """{"kind": "data", "table": "t", "when": {"now": {"a": 1}}}""",
        """{"kind": "data", "table": "t", "database": "Shop"}""",
        """{"kind": "data", "table": "t", "topic": "x"}""",
        """{"kind": "webhook"}""",
        """{"type": "webhook", "method": "PUT", "expiresIn": "30d"}""",
        """{"kind": "webhook", "methods": ["POST", "GET"], "path": null, "verify": null}""",
        """{"kind": "webhook", "methods": [], "expires_at": "2030-01-01T00:00:00Z"}""",
        """{"kind": "webhook", "methods": ["post"]}""",
        """{"kind": "webhook", "method": "POST", "methods": ["POST"]}""",
        """{"kind": "webhook", "method": null, "methods": ["POST"]}""",
        """{"kind": "webhook", "expires_at": "2030-01-01T00:00:00Z", "expiresIn": "1d"}""",
        """{"kind": "webhook", "path": "/hooks/stripe"}""",
        """{"kind": "webhook", "path": "/hooks/stripe", "verify": null}""",
        """{"kind": "webhook", "path": "/hooks/stripe", "verify": {"type": "hmac", "header": "stripe-signature", "secret": "vault:jobs/stripe_webhook_secret"}}""",
        """{"kind": "webhook", "path": "/hooks/a/b-c_d.e~f", "verify": {"type": "stripe"}}""",
        """{"kind": "webhook", "path": "/hooks/@a/b", "verify": {"type": "stripe"}}""",
        """{"kind": "webhook", "path": "/hooks/a/", "verify": {"type": "stripe"}}""",
        """{"kind": "webhook", "path": "/a", "verify": {"type": "stripe"}}""",
        """{"kind": "webhook", "verify": {}}""",
        """{"kind": "webhook", "verify": {"type": "hmac"}}""",
        """{"kind": "webhook", "verify": {"type": "hmac", "header": null}}""",
        """{"kind": "webhook", "verify": {"type": "hmac", "header": "x", "algorithm": "sha1", "encoding": "base64", "prefix": "a="}}""",
        """{"kind": "webhook", "verify": {"type": "hmac", "header": "x", "algorithm": "md5"}}""",
        """{"kind": "webhook", "verify": {"type": "hmac", "header": "a b"}}""",
        """{"kind": "webhook", "verify": {"type": "github", "prefix": "sha256="}}""",
        """{"kind": "webhook", "verify": {"type": "github", "prefix": null, "tolerance": "10s"}}""",
        """{"kind": "webhook", "verify": {"type": "slack", "secret": "a", "secrets": ["b"]}}""",
        """{"kind": "webhook", "verify": {"type": "slack", "secret": null, "secrets": ["b", "c"]}}""",
        """{"kind": "webhook", "verify": {"type": "slack", "secrets": [1]}}""",
        """{"kind": "webhook", "verify": {"type": "slack", "secret": ""}}""",
        """{"kind": "webhook", "verify": {"type": "slck"}}""",
        """{"kind": "webhook", "verify": "stripe"}""",
        """{"kind": "webhook", "topic": "x"}""",
    ];

    static readonly string[] Functions =
    [
        "{}", "[]", "null",
        """{"$schema": "http://localhost:8000/schemas/function.json", "entry": "code/index.ts", "runtime": "bun", "network": true}""",
        """{"env": {"a_b": "x", "C": null}, "secrets": {"KEY": "vault:jobs/key"}, "job": {"maxConcurrency": 5}}""",
        """{"job": []}""",
        """{"env": {"LD_PRELOAD": "x"}}""",
        """{"env": {"A": "a\u0000b"}}""",
        """{"env": ["A"]}""",
        """{"runtime": "deno"}""",
        """{"runtimes": "bun"}""",
        Env(Enumerable.Range(0, 100).Select(x => ($"A{x}", ""))),
        Env(Enumerable.Range(0, 101).Select(x => ($"A{x}", ""))),
        Env([("A", new string('a', 32 << 10)), (new string('B', 128), "")]),
        Env([("A", new string('a', (32 << 10) + 1))]),
        Env([(new string('B', 129), "")]),
    ];

    static string Env(IEnumerable<(string Name, string Value)> variables) =>
        new JsonObject { ["env"] = new JsonObject(variables.Select(x => KeyValuePair.Create(x.Name, (JsonNode?)x.Value))) }.ToJsonString();

    static IEnumerable<string> Crons(string fields) =>
        fields.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(x => $$"""{"name": "a", "handler": "h", "triggers": [{"kind": "cron", {{x}}}]}""");

    /// <summary>A schema has no words for crontab, time zones, and how long a written duration is.</summary>
    [Fact]
    public async Task Of_schedules_as_far_as_a_schema_can()
    {
        string[] refused = [.. Crons("""
            "schedule": "61 * * * *"
            "schedule": "0 0 30 2 *"
            "schedule": "* * * * * *"
            "schedule": "@daily", "timezone": "Europe/Atlantis"
            "text": "every fortnight"
            "text": "every day", "seconds": true
            "schedule": "@daily", "jitter": "61m"
            "schedule": "@daily", "misfire_window": "P2Y"
            """)];
        Assert.All(refused, x => Assert.False(TakesManifest(x), x));
        Assert.All(await Validator.Takes("jobs-manifest.json", refused), Assert.True);
    }

    [Fact]
    public async Task Of_manifests()
    {
        var job = JsonNode.Parse("""{"name": "j", "handler": "h"}""")!.AsObject();
        var single = Variations.Of(Validator.Published["job.json"], job);
        await Agree("jobs-manifest.json", [.. Manifests, .. single, .. single.Select(x => $$"""{"jobs": [{{x}}]}""")], TakesManifest);
    }

    [Fact]
    public async Task Of_a_job_alone()
    {
        var event0 = JsonNode.Parse("""{"id": "j", "function": "h", "triggers": [{"kind": "event", "topic": "t"}]}""")!.AsObject();
        await Agree("job.json", [.. Variations.Of(Validator.Published["job.json"], event0)], TakesManifest);
    }

    [Fact]
    public async Task Of_the_settings_of_a_function()
    {
        var job = Variations.Of(Validator.Published["function-job.json"], []);
        var settings = Variations.Of(Validator.Published["function.json"], JsonNode.Parse("""{"entry": "index.ts"}""")!.AsObject());
        await Agree("function.json", [.. Functions, .. settings, .. job.Select(x => $$"""{"job": {{x}}}""")], TakesFunction);
    }

    [Fact]
    public void Each_field_that_is_read_is_in_its_schema()
    {
        var job = new Fields(JsonDocument.Parse("{}").RootElement, "");
        JobRequest.Read(job, "acme", Options, default);
        Assert.Equal(job.Known.Order(), Named("job.json").Order());
        foreach (var kind in TriggerRequest.Kinds)
        {
            var trigger = new Fields(JsonDocument.Parse($$"""{"kind": "{{kind}}"}""").RootElement, "");
            TriggerRequest.Read(trigger);
            var schemas = Validator.Published["job.json"]["properties"]!["triggers"]!["items"]!["oneOf"]!.AsArray();
            var schema = schemas.Select(x => x!["properties"]!.AsObject()).Single(x => x["kind"]!["enum"]!.AsArray().Any(name => (string?)name == kind));
            Assert.Equal(trigger.Known.Order(), schema.Select(x => x.Key).Where(x => !x.Any(char.IsAsciiLetterUpper)).Order());
        }
    }

    static IEnumerable<string> Named(string schema) => Validator.Published[schema]["properties"]!.AsObject().Select(x => x.Key).Where(x => !x.Any(char.IsAsciiLetterUpper));

    static bool TakesManifest(string document) => Takes(() => JobRequest.ReadManifest(Encoding.UTF8.GetBytes(document), "acme", Options, default));

    /// <summary>As a deployment reads it: the job is its own reader's, under the function's name.</summary>
    static bool TakesFunction(string document) => Takes(() =>
    {
        var manifest = BundleManifest.Read(new([new(BundleManifest.File, Encoding.UTF8.GetBytes(document))]));
        if (manifest.Job is not { } json)
            return;
        var job = JsonNode.Parse(json.ToString())!.AsObject();
        (job["name"], job["handler"]) = ("f", "f");
        JobRequest.ReadManifest(Encoding.UTF8.GetBytes(job.ToJsonString()), "acme", Options, default);
    });

    static bool Takes(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    static async Task Agree(string schema, IReadOnlyList<string> documents, Func<string, bool> taken)
    {
        var valid = await Validator.Takes(schema, documents);
        Assert.Equal(documents.Count, valid.Length);
        var apart = documents.Zip(valid).Where(x => taken(x.First) != x.Second)
            .Select(x => $"{(x.Second ? "valid, and refused" : "not valid, and taken")}: {(x.First.Length > 300 ? x.First[..300] + "…" : x.First)}").ToArray();
        Assert.True(apart.Length == 0, $"{apart.Length} of {documents.Count}:\n{string.Join('\n', apart.Take(20))}");
        Assert.InRange(valid.Count(x => x), 10, documents.Count - 10);
    }
}
