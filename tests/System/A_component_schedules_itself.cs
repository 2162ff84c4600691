using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Every request and sample of the document about job definitions, as it stands there; its components in TypeScript.</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_component_schedules_itself(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task From_the_manifest_to_the_job_that_follows()
    {
        // The component ends with the effect that the document prints, in the words of the document.
        const string processOrders = """
            export default async (request: Request): Promise<Response> => {
              const { processingDate } = await request.json() as { processingDate?: string };
              return Response.json({
                effect: 'scheduleJob',
                definition: 'nightly-order-processing',
                at: 'now addDays 1',
                parameters: { after: processingDate ?? null },
              });
            };
            """;
        var manifest = new
        {
            documents = new object[]
            {
                new { uri = "/resources/components/process-orders.hreactor", spec = new { codeFile = "process-orders.hreactor", code = processOrders } },
                new { uri = "/resources/job-definitions/nightly-order-processing", spec = new { componentId = "process-orders.hreactor" } },
            },
        };
        Assert.Equal(["created", "created"], await Apply(manifest));
        Assert.Equal(["unchanged", "unchanged"], await Apply(manifest));
        // Jobs of a definition that had the name before count too.
        var before = (int)(await api.Get("/resources/jobs/statistics?jobDefinitionId=nightly-order-processing")).Is(HttpStatusCode.OK).Json["totals"]!["completed"]!;

        var job = (await api.Post("/resources/jobs", """
            {
              "jobDefinitionId": "nightly-order-processing",
              "parameters": {
                "processingDate": "2025-11-15T00:00:00Z"
              },
              "runAt": "2025-11-16T02:00:00Z"
            }
            """)).Is(HttpStatusCode.Created).Json;
        var id = (string)job["jobId"]!;
        Assert.Equal(("nightly-order-processing", "2025-11-16T02:00:00.000Z"), ((string?)job["jobDefinitionId"], (string?)job["runAt"]));
        var done = await Until.Some("the job is completed", async () => await Job(id) is var now && (string?)now["status"] == "completed" ? now : null);

        var next = Assert.Single((await api.Get("/resources/jobs?jobDefinitionId=nightly-order-processing&status=pending")).Is(HttpStatusCode.OK).Json.AsArray())!;
        Assert.Equal(id, (string?)next["scheduledBy"]);
        Assert.Equal(DateTimeOffset.Parse((string)done["completedAt"]!, null).AddDays(1), DateTimeOffset.Parse((string)next["runAt"]!, null));
        Assert.Equal("2025-11-15T00:00:00Z", (string?)(await Job((string)next["jobId"]!))["parameters"]!["after"]);

        var statistics = (await api.Get("/resources/jobs/statistics?jobDefinitionId=nightly-order-processing")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((before + 1, 1.0, 1), ((int)statistics["totals"]!["completed"]!, (double)statistics["totals"]!["successRate"]!, (int)statistics["scheduled"]!));

        // When a job is cancelled, it never executes, so it never schedules the next job.
        (await api.Send(HttpMethod.Delete, $"/resources/jobs/{next["jobId"]}", null)).Is(HttpStatusCode.NoContent);
        (await api.Send(HttpMethod.Delete, $"/resources/jobs/{id}", null)).Refused(HttpStatusCode.Conflict, "job_not_pending");
        Assert.Empty((await api.Get("/resources/jobs?jobDefinitionId=nightly-order-processing&status=pending")).Json.AsArray());

        (await api.Send(HttpMethod.Delete, "/resources/components/process-orders.hreactor", null)).Refused(HttpStatusCode.Conflict, "component_in_use");
        (await api.Send(HttpMethod.Delete, "/resources/job-definitions/nightly-order-processing", null)).Is(HttpStatusCode.NoContent);
        (await api.Get("/resources/job-definitions/nightly-order-processing")).Refused(HttpStatusCode.NotFound, "definition_not_found");
        (await api.Post("/resources/jobs", """{"jobDefinitionId": "nightly-order-processing"}""")).Refused(HttpStatusCode.NotFound, "definition_not_found");
        (await api.Send(HttpMethod.Delete, "/resources/components/process-orders.hreactor", null)).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task One_component_under_several_definitions()
    {
        var put = await api.Send(HttpMethod.Put, "/resources/components/data-sync.hreactor",
            """{"codeFile": "data-sync.hreactor", "code": "export default { async fetch() { return Response.json('one'); } };"}""");
        Assert.Equal("data-sync.hreactor", (string?)put.Is(HttpStatusCode.Created).Json["functionName"]);
        string[] definitions = ["hourly-sync", "daily-full-sync", "manual-sync"];
        foreach (var definition in definitions)
            (await api.Send(HttpMethod.Put, $"/resources/job-definitions/{definition}", """{"componentId": "data-sync.hreactor"}""")).Is(HttpStatusCode.Created);
        Assert.Equal(definitions.Order(), (await api.All("/resources/job-definitions?limit=2")).Where(x => (string?)x["componentId"] == "data-sync.hreactor").Select(x => (string?)x["jobDefinitionId"]));
        Assert.Equal("one", await Result("manual-sync"));

        // Changed code counts from then on, for all of them.
        (await api.Send(HttpMethod.Put, "/resources/components/data-sync.hreactor", """{"codeFile": "data-sync.hreactor", "code": "export default async () => Response.json('two');"}""")).Is(HttpStatusCode.OK);
        Assert.Equal("two", await Result("hourly-sync"));

        async Task<string?> Result(string definition)
        {
            var id = (string)(await api.Post("/resources/jobs", $$"""{"jobDefinitionId": "{{definition}}"}""")).Is(HttpStatusCode.Created).Json["jobId"]!;
            return (string?)(await api.Ended(id))["result"];
        }
    }

    [Fact]
    public async Task What_is_wrong_is_said_and_nothing_is_written()
    {
        // Filtrera itself is not run.
        const string filtrera = """
            import 'resources'
            param processingDate: text
            let orders = query orders(orderNumber) filter $'createdAt >= {processingDate}' orderBy 'createdAt asc'
            from orders select order => sendEmail { to = order.customer.email }
            """;
        var refused = (await api.Post("/resources/apply", JsonSerializer.Serialize(new
        {
            documents = new object[]
            {
                new { uri = "/resources/job-definitions/never", spec = new { componentId = "sync.hreactor" } },
                new { uri = "/resources/components/sync.hreactor", spec = new { codeFile = "sync.hreactor", code = filtrera } },
            },
        }))).Refused(HttpStatusCode.BadRequest, "invalid_component");
        Assert.Equal("/documents/1/code", (string?)refused.Json["errors"]![0]!["pointer"]);
        Assert.StartsWith("sync.hreactor:2:", (string?)refused.Json["errors"]![0]!["detail"], StringComparison.Ordinal);
        Assert.Contains("Filtrera is not run", (string?)refused.Json["detail"], StringComparison.Ordinal);
        (await api.Get("/resources/job-definitions/never")).Refused(HttpStatusCode.NotFound, "definition_not_found");

        (await api.Send(HttpMethod.Put, "/resources/components/effect.ts",
            """{"codeFile": "effect.ts", "code": "export default () => Response.json([{effect: 'scheduleJob', definition: 'wrong-effect', at: 'tomorrow'}])"}""")).Is(HttpStatusCode.Created);
        (await api.Send(HttpMethod.Put, "/resources/job-definitions/wrong-effect", """{"componentId": "effect.ts"}""")).Is(HttpStatusCode.Created);
        var id = (string)(await api.Post("/resources/jobs", """{"jobDefinitionId": "wrong-effect"}""")).Is(HttpStatusCode.Created).Json["jobId"]!;
        var run = await api.Ended(id);
        Assert.Equal(("failed", "invalid_effect"), ((string?)run["status"], (string?)run["error"]!["code"]));
        Assert.StartsWith("/0/at: must be now", (string?)run["error"]!["message"], StringComparison.Ordinal);
        Assert.Single((await api.Get("/resources/jobs?jobDefinitionId=wrong-effect")).Json.AsArray());
    }

    [Fact]
    public async Task What_a_caller_has_to_be_allowed_is_described()
    {
        // Several processes are asked, and one may be too busy to answer at once.
        var paths = await Until.Some("the API is described", async () => await api.Get("/openapi/v1.json") is { Status: HttpStatusCode.OK } answer ? answer.Json["paths"] : null);
        foreach (var (path, method, permission) in new[]
        {
            ("/resources/job-definitions/{definitionId}", "get", "job-definitions:read"),
            ("/resources/job-definitions/{definitionId}", "put", "job-definitions:write"),
            ("/resources/job-definitions/{definitionId}", "delete", "job-definitions:write"),
            ("/resources/components/{id}", "put", "components:write"),
            ("/resources/jobs", "post", "jobs:write"),
            ("/resources/jobs/statistics", "get", "jobs:read"),
        })
            Assert.Equal($"Permission: `{permission}`.", (string?)paths[path]![method]!["description"]);
    }

    async Task<IEnumerable<string?>> Apply(object manifest) =>
        (await api.Post("/resources/apply", JsonSerializer.Serialize(manifest))).Is(HttpStatusCode.OK).Json.AsArray().Select(x => (string?)x!["action"]);

    async Task<JsonNode> Job(string id) => (await api.Get($"/resources/jobs/{id}")).Is(HttpStatusCode.OK).Json;
}
