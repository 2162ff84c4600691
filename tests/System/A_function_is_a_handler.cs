using System.Net;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>A function that is deployed runs as a job: in a contained process, by the version that its run began with (semantics 11).</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_function_is_a_handler(SharedSuite shared)
{
    readonly Api api = shared.Api;
    readonly Functions functions = new(shared.Api);

    [Fact]
    public async Task With_steps_state_of_its_org_secrets_and_a_log()
    {
        (await api.Send(HttpMethod.Put, "/secrets/v1/shop/greeting", """{"value": "hello"}""")).Is(HttpStatusCode.Created);
        await functions.Create("greet", secrets: new { GREETING = "vault:shop/greeting" });
        await functions.Deploy("greet", ("code/index.ts", """
            import { JobContext } from '@reactor/jobs-sdk';
            import { shout } from './shout';
            interface Env { GREETING: string }
            export default { async fetch(request: Request, env: Env, ctx?: JobContext): Promise<Response> {
              const { name } = await request.json() as { name: string };
              if (!ctx) return Response.json({ plain: shout(name) });
              const text = await ctx.step('compose', async () => { console.log('composing for', name); return `${env.GREETING} ${shout(name)}`; });
              return Response.json({ text });
            } };
            """), ("code/shout.ts", "export const shout = (text: string): string => text.toUpperCase();"),
            ("function.json", """{"job": {"maxConcurrency": 7, "retry": {"maxAttempts": 2}}}"""));
        await functions.Promote("greet");

        // The job of its bundle came with the promotion.
        Assert.Equal(7, (int)(await api.Get("/jobs/v1/_admin/jobs/greet")).Is(HttpStatusCode.OK).Json["max_concurrency"]!);
        var run = await api.Ended(await api.Trigger("greet", new { name = "ada" }));
        Assert.Equal(("completed", "hello ADA"), ((string?)run["status"], (string?)run["result"]!["text"]));
        Assert.Equal(("compose", "completed"), ((string?)run["steps"]![0]!["name"], (string?)run["steps"]![0]!["status"]));

        var answer = (await api.Post("/functions/v1/greet", """{"name": "bob"}""")).Is(HttpStatusCode.OK);
        Assert.Equal("BOB", (string?)answer.Json["plain"]);
        Assert.Equal("greet", Assert.Single(answer.Headers.GetValues("X-Reactor-Function")));
        await Until.True("the line is in the log", async () =>
        {
            using var log = await api.Stream($"/jobs/v1/_admin/logs?run_id={run["id"]}");
            return (await log.Content.ReadAsStringAsync()).Contains("\"step\":\"compose\",\"message\":\"composing for ada\"", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Whose_run_keeps_its_version_while_another_goes_live()
    {
        await functions.Create("versions");
        await api.Job("versions");
        await functions.Deploy("versions", ("index.ts", Sleeper("one")));
        await functions.Promote("versions");
        var first = await api.Trigger("versions");
        await api.Is(first, "sleeping");

        await functions.Deploy("versions", ("index.ts", Sleeper("two")));
        await functions.Promote("versions");
        var second = await api.Trigger("versions");
        await api.Is(second, "sleeping");
        await functions.Promote("versions", 1);
        var third = await api.Trigger("versions");

        Assert.Equal(["one", "two", "one"], [await Result(first), await Result(second), await Result(third)]);
        async Task<string> Result(string id) => (string)(await api.Ended(id))["result"]!;

        static string Sleeper(string name) => $$"""
            export default async function handler(req: Request, ctx: any): Promise<Response> {
              await ctx.sleep('nap', '1s');
              return Response.json('{{name}}');
            }
            """;
    }

    [Fact]
    public async Task Whose_mistakes_are_said_where_they_are()
    {
        await functions.Create("wrong");
        var refused = (await functions.Upload("wrong", ("index.ts", "export default function handler( {\n"))).Refused(HttpStatusCode.BadRequest, "invalid_bundle");
        Assert.StartsWith("index.ts:1:", (string?)refused.Json["errors"]![0]!["pointer"], StringComparison.Ordinal);
        (await functions.Upload("wrong", ("index.ts", "export default () => new Response()"), ("function.json", """{"job": {"maxConcurrency": 0}}"""))).Refused(HttpStatusCode.BadRequest, "invalid_bundle");

        await functions.Deploy("wrong", ("index.ts", "export const notTheHandler = 1;"));
        await functions.Promote("wrong");
        await api.Job("wrong", new { retry = new { max_attempts = 1 } });
        var run = await api.Ended(await api.Trigger("wrong"));
        Assert.Equal("failed", (string?)run["status"]);
        Assert.Contains("default", (string?)run["error"]!["message"], StringComparison.Ordinal);
    }
}
