using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Two installations: one runs jobs, and calls the functions of the other.</summary>
public sealed class TwoSuites : IAsyncLifetime
{
    internal SuiteProcess Functions { get; private set; } = null!;

    internal SuiteProcess Jobs { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Functions = await SuiteProcess.StartNew();
        Jobs = await SuiteProcess.StartNew(("REACTOR_JOBS__FUNCTIONS__URL", Functions.Url), ("REACTOR_JOBS__FUNCTIONS__API_KEY", Functions.Token));
    }

    public async Task DisposeAsync()
    {
        if (Jobs is not null)
            await Jobs.DisposeAsync();
        if (Functions is not null)
            await Functions.DisposeAsync();
    }
}

public sealed class Functions_may_run_elsewhere(TwoSuites suites) : IClassFixture<TwoSuites>, IDisposable
{
    const string Admin = "/functions/v1/_admin/functions";

    readonly SuiteProcess functions = suites.Functions;
    readonly Api there = new(suites.Functions.Url, suites.Functions.Token);
    readonly Api here = new(suites.Jobs.Url, suites.Jobs.Token);

    public void Dispose()
    {
        there.Dispose();
        here.Dispose();
    }

    [Fact]
    public async Task And_everything_is_as_if_they_ran_here()
    {
        await Deploy("shop/order", """
            import { JobContext } from '@reactor/jobs-sdk';
            export default async function handler(request: Request, ctx?: JobContext) {
              const { name } = await request.json() as { name: string };
              if (!ctx) return new Response(`plain ${name}`, { status: 201, headers: { 'x-mine': 'yes' } });
              const first = await ctx.step('first', async () => { console.log('working for', name); await ctx.state.set('seen', name); return ctx.run.id; });
              await ctx.sleep('nap', '200ms');
              const seen = await ctx.state.get('seen');
              await ctx.step('second', async () => { await ctx.emit('order.done', { name }); });
              return { first, seen };
            }
            """, """{"job": {"maxConcurrency": 7}}""");

        // Kept there, where nothing is known of the job; the job is kept here.
        Assert.Equal(1, (int)(await there.Get($"{Admin}/shop%2Forder")).Is(HttpStatusCode.OK).Json["live_version"]!);
        Assert.Contains((await here.Get(Admin)).Is(HttpStatusCode.OK).Json.AsArray(), x => (string?)x!["name"] == "shop/order");
        Assert.Equal(7, (int)(await here.Get("/jobs/v1/_admin/jobs/shop%2Forder")).Is(HttpStatusCode.OK).Json["max_concurrency"]!);

        var id = await here.Trigger("shop%2Forder", new { name = "ada" });
        var run = await here.Ended(id);
        Assert.True((string?)run["status"] == "completed", run.ToJsonString());
        Assert.Equal((id, "ada"), ((string?)run["result"]!["first"], (string?)run["result"]!["seen"]));
        Assert.Equal(["suspended", "completed"], run["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!));
        Assert.Equal("order.done", (string?)run["events"]![0]!["topic"]);
        await Until.True("the line is in the log", async () =>
        {
            using var log = await here.Stream($"/jobs/v1/_admin/logs?run_id={id}");
            return (await log.Content.ReadAsStringAsync()).Contains("\"step\":\"first\",\"message\":\"working for ada\"", StringComparison.Ordinal);
        });

        var answer = (await here.Post("/functions/v1/shop%2Forder?x=1", """{"name": "bob"}""")).Is(HttpStatusCode.Created);
        Assert.Equal(("plain bob", "yes", "shop/order"), (answer.Text, answer.Headers.GetValues("x-mine").Single(), answer.Headers.GetValues("X-Reactor-Function").Single()));
        (await here.Post("/functions/v1/nobody", "{}")).Refused(HttpStatusCode.NotFound, "function_not_found");
        (await Bundles.Upload(here, "shop%2Forder", ("index.ts", "export default (")))
            .Refused(HttpStatusCode.BadRequest, "invalid_bundle");
        await HealthSays("ok", reachable: true);
    }

    [Fact]
    public async Task Failures_are_the_functions_own()
    {
        await Deploy("moody", """
            export default async function handler(request, ctx) {
              const { mood } = await request.json();
              if (mood === 'busy' && ctx.run.attempt === 1) return new Response('later', { status: 503 });
              if (mood === 'wrong') return new Response('never', { status: 422 });
              if (mood === 'broken') throw new TypeError('not like this');
              if (mood === 'stuck') await ctx.step('wait', () => new Promise(() => {}));
              return { mood };
            }
            """);
        await here.Job("moody", new { retry = new { maxAttempts = 2, initialDelayMs = 0 } });
        var runs = new Dictionary<string, string>();
        foreach (var mood in new[] { "busy", "wrong", "broken", "stuck" })
            runs[mood] = await here.Trigger("moody", new { mood });

        Assert.Equal(("completed", 2), Outcome(await here.Ended(runs["busy"])));
        Assert.Equal(("failed", 1), Outcome(await here.Ended(runs["wrong"])));
        var broken = await here.Ended(runs["broken"]);
        Assert.Equal(("failed", 2, "TypeError"), ((string)broken["status"]!, (int)broken["attempt"]!, (string?)broken["error"]!["name"]));
        await here.Is(runs["stuck"], "running");
        (await here.Post($"/jobs/v1/_admin/jobs/moody/runs/{runs["stuck"]}/cancel")).Is(HttpStatusCode.OK);
        Assert.Equal("cancelled", (string?)(await here.Ended(runs["stuck"]))["status"]);
    }

    [Fact]
    public async Task When_that_one_is_away_callers_are_told_and_runs_are_tried_again()
    {
        await Deploy("absent", "export default (request, ctx) => ({ attempt: ctx.run.attempt })");
        await here.Job("absent", new { retry = new { maxAttempts = 100, initialDelayMs = 100, maxDelayMs = 100 } });
        Assert.Equal(1, (int)(await here.Ended(await here.Trigger("absent")))["result"]!["attempt"]!);

        await functions.Kill();
        (await here.Post("/functions/v1/absent", "{}")).Refused(HttpStatusCode.ServiceUnavailable, "unavailable");
        await HealthSays("unreachable", reachable: false);
        var run = await here.Trigger("absent");
        await Until.True("an attempt has failed", async () => (int)(await here.Run(run))["attempt"]! > 1);

        functions.Launch();
        await functions.Serves();
        var ended = await here.Ended(run);
        Assert.Equal("completed", (string?)ended["status"]);
        Assert.StartsWith("The handler could not be reached", (string?)ended["attempts"]![0]!["error"]!["message"], StringComparison.Ordinal);
    }

    /// <summary>Through the one that runs the jobs, which asks the other for what is live there once a second.</summary>
    async Task Deploy(string name, string code, string settings = "{}")
    {
        var path = Uri.EscapeDataString(name);
        (await here.Post(Admin, $$"""{"name": "{{name}}", "runtime": "bun"}""")).Is(HttpStatusCode.Created);
        (await Bundles.Upload(here, path, ("code/index.ts", code), ("function.json", settings))).Is(HttpStatusCode.Created);
        (await here.Post($"{Admin}/{path}/promote", "{}")).Is(HttpStatusCode.OK);
    }

    Task HealthSays(string word, bool reachable) => Until.True($"health says {word}", async () =>
    {
        var health = JsonNode.Parse((await here.Get("/health")).Text)!;
        return ((string?)health["capabilities"]!["functions"], (string?)health["details"]?["functions"]?["url"], (bool?)health["details"]?["functions"]?["reachable"]) == (word, functions.Url, reachable);
    });

    static (string, int) Outcome(JsonNode run) => ((string)run["status"]!, (int)run["attempt"]!);
}
