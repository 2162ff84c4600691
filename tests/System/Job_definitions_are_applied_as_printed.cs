using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>The YAML documents of the page about job definitions, by the command line; its effects, and the requests that <see cref="A_component_schedules_itself"/> leaves out.</summary>
[Collection(SharedSuite.Name)]
public sealed class Job_definitions_are_applied_as_printed(SharedSuite shared) : IAsyncLifetime
{
    const string Complete = """
        uri: /resources/components/process-orders.hreactor
        spec:
          codeFile: process-orders.hreactor
        ---
        uri: /resources/job-definitions/nightly-order-processing
        spec:
          componentId: process-orders.hreactor
        """;

    const string Several = """
        # Same component for different use cases
        uri: /resources/job-definitions/hourly-sync
        spec:
          componentId: data-sync.hreactor
        ---
        uri: /resources/job-definitions/daily-full-sync
        spec:
          componentId: data-sync.hreactor
        ---
        uri: /resources/job-definitions/manual-sync
        spec:
          componentId: data-sync.hreactor
        """;

    const string Separate = """
        # Same component, different purposes/monitoring
        uri: /resources/job-definitions/sync-customers
        spec:
          componentId: sync.hreactor
        ---
        uri: /resources/job-definitions/sync-products
        spec:
          componentId: sync.hreactor
        """;

    /// <summary>What the page's components end with, in TypeScript.</summary>
    const string ProcessOrders = """
        export default async (request: Request): Promise<Response> => Response.json([
          { effect: 'scheduleJob', definition: 'nightly-order-processing', at: 'now addDays 1', parameters: {} },
          { effect: 'scheduleJob', definition: 'hourly-sync', at: 'now addHours 1', parameters: {} },
          { effect: 'scheduleJob', definition: 'daily-report', at: 'now addDays 1', parameters: {} },
          { effect: 'scheduleJob', definition: 'weekly-cleanup', at: 'now addDays 7', parameters: {} },
          { effect: 'scheduleJob', definition: 'frequent-sync', at: 'now addMinutes 30', parameters: {} },
        ]);
        """;

    static readonly string[] Definitions =
        ["nightly-order-processing", "hourly-sync", "daily-full-sync", "manual-sync", "sync-customers", "sync-products", "daily-report", "weekly-cleanup", "frequent-sync"];

    readonly Api api = shared.Api;

    public Task InitializeAsync() => Clear();

    public Task DisposeAsync() => Clear();

    [Fact]
    public async Task With_all_that_follows()
    {
        var folder = shared.Suite.Folder("printed");
        await File.WriteAllTextAsync(Path.Combine(folder, "process-orders.hreactor"), ProcessOrders);
        Assert.Equal(Enumerable.Repeat("created", 7), await Apply(folder, "h_manifest.yaml", string.Join("\n---\n", Complete, Several, Separate)));
        foreach (var definition in Definitions[6..])
            (await api.Send(HttpMethod.Put, $"/resources/job-definitions/{definition}", """{"componentId": "nobody"}""")).Is(HttpStatusCode.Created);

        var shown = (await api.Get("/resources/job-definitions/nightly-order-processing")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(("nightly-order-processing", "process-orders.hreactor"), ((string?)shown["jobDefinitionId"], (string?)shown["componentId"]));
        var all = (await api.Get("/resources/job-definitions")).Is(HttpStatusCode.OK).Json.AsArray();
        Assert.Empty(Definitions.Except(all.Select(x => (string)x!["jobDefinitionId"]!)));
        Assert.Equal(["data-sync.hreactor", "sync.hreactor"], all.Where(x => Definitions[1..6].Contains((string)x!["jobDefinitionId"]!)).Select(x => (string?)x!["componentId"]).Distinct().Order());

        // Create the first job manually via API or rule to start the chain.
        var first = (await api.Post("/resources/jobs", """
            {
            "jobDefinitionId": "nightly-order-processing",
            "parameters": {},
            "runAt": "2025-11-16T02:00:00Z"
            }
            """)).Is(HttpStatusCode.Created).Json;
        var run = await api.Ended((string)first["jobId"]!);
        Assert.True((string?)run["status"] == "completed", run.ToJsonString());
        var end = (DateTimeOffset)run["completed_at"]!;
        await Follows("nightly-order-processing", end.AddDays(1), (string)first["jobId"]!);
        await Follows("hourly-sync", end.AddHours(1), (string)first["jobId"]!);
        await Follows("daily-report", end.AddDays(1), (string)first["jobId"]!);
        await Follows("weekly-cleanup", end.AddDays(7), (string)first["jobId"]!);
        await Follows("frequent-sync", end.AddMinutes(30), (string)first["jobId"]!);

        // Update the component to remove self-scheduling logic: what it has scheduled before stays, and nothing comes to it.
        (await api.Send(HttpMethod.Put, "/resources/components/process-orders.hreactor", """{"codeFile": "process-orders.hreactor", "code": "export default () => Response.json('done');"}""")).Is(HttpStatusCode.OK);
        var last = await api.Ended((string)(await api.Post("/resources/jobs", """{"jobDefinitionId": "nightly-order-processing"}""")).Is(HttpStatusCode.Created).Json["jobId"]!);
        Assert.Equal(("completed", "done"), ((string?)last["status"], (string?)last["result"]));
        Assert.Single((await api.Get("/resources/jobs?jobDefinitionId=nightly-order-processing&status=pending")).Json.AsArray());

        // Before deleting a job definition, verify no pending jobs exist.
        Assert.Empty((await api.Get("/resources/jobs?jobDefinitionId=my-definition&status=pending")).Is(HttpStatusCode.OK).Json.AsArray());
        var statistics = (await api.Get("/resources/jobs/statistics?jobDefinitionId=nightly-order-processing")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((1.0, 0.0, 0L, 1L), ((double)statistics["totals"]!["successRate"]!, (double)statistics["totals"]!["failureRate"]!, (long)statistics["queueDepth"]!, (long)statistics["scheduled"]!));
        Assert.True((double)statistics["buckets"]!.AsArray()[^1]!["figures"]!["meanMs"]! >= 0);
    }

    async Task Follows(string definition, DateTimeOffset at, string by)
    {
        var job = Assert.Single((await api.Get($"/resources/jobs?jobDefinitionId={definition}&status=pending")).Is(HttpStatusCode.OK).Json.AsArray())!;
        Assert.Equal((at, by), ((DateTimeOffset)job["runAt"]!, (string?)job["scheduledBy"]));
        // To stop a recurring job chain, cancel the next pending job; that of the nights stays for the statistics.
        if (definition != "nightly-order-processing")
            (await api.Send(HttpMethod.Delete, $"/resources/jobs/{job["jobId"]}", null)).Is(HttpStatusCode.NoContent);
    }

    /// <summary><c>h_ manage apply h_manifest.yaml</c> of the page.</summary>
    async Task<IEnumerable<string?>> Apply(string folder, string file, string manifest)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, file), manifest);
        await using var cli = Child.Start(
            shared.Suite.Logs, "apply", ["dotnet", Path.Combine(AppContext.BaseDirectory, "reactor.dll"), "apply", "-f", Path.Combine(folder, file), "-o", "json"], ("REACTOR_URL", shared.Suite.Url), ("REACTOR_TOKEN", shared.Suite.Token));
        await cli.Exited(Until.Limit);
        Assert.True(cli.ExitCode == 0, cli.LastWords);
        return JsonNode.Parse(cli.Output)!.AsArray().Select(x => (string?)x!["action"]);
    }

    /// <summary>Other tests have some of the page's names, too.</summary>
    async Task Clear()
    {
        foreach (var definition in Definitions)
            await api.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/{definition}", null);
        foreach (var component in (string[])["process-orders.hreactor", "data-sync.hreactor"])
            await api.Send(HttpMethod.Delete, $"/resources/components/{component}", null);
    }
}
