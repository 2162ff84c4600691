using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>
/// <c>ctx.scheduler</c>, targets <c>namespace:function</c> and triggers in code, by the samples that the guide "Scheduling" prints: what it calls
/// mutations and actions are exports of functions here.
/// </summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_handler_schedules_functions(SharedSuite shared)
{
    const string Scheduled = "/jobs/v1/_scheduled_functions";

    readonly Api api = shared.Api;
    readonly Functions functions = new(shared.Api);

    async Task Live(string name, params (string Path, string Text)[] files)
    {
        await functions.Create(name);
        await functions.Deploy(name, files);
        await functions.Promote(name);
    }

    /// <summary>The guide's samples, and a query of its system table by its own API.</summary>
    const string Posts = """
        import type { JobContext } from '@reactor/jobs-sdk';
        const argsOf = async (request: Request): Promise<any> => request.json();

        export const publishPost = async (request: Request, ctx: JobContext) => {
          const { postId } = await argsOf(request);
          await ctx.step('publish', async () => {
            // Fire-and-forget follow-up: notify subscribers 30s later.
            await ctx.scheduler.runAfter(30_000, "notifications:notifySubscribers", { postId });
          });
        };
        export const startTrial = async (request: Request, ctx: JobContext) => {
          const { userId, trial } = await argsOf(request);
          return ctx.scheduler.runAt(trial.endsAt, "billing:expireTrial", { userId });
        };
        export const orderPlaced = async (request: Request, ctx: JobContext) => {
          const { orderId } = await argsOf(request);
          // The action does the external work the mutation isn't allowed to.
          return ctx.step('placed', () => ctx.scheduler.runAfter(0, "payments:charge", { orderId }));
        };
        export const complete = async (request: Request, ctx: JobContext) => {
          const { reminderId } = await argsOf(request);
          const before = await ctx.scheduler.get(reminderId);
          const listed = (await ctx.scheduler.list()).some((found) => found.id === reminderId);
          const { cancelled } = await ctx.scheduler.cancel(reminderId);
          const again = await ctx.scheduler.cancel(reminderId);
          return { before: before?.state, listed, cancelled, again: again.cancelled, after: (await ctx.scheduler.get(reminderId))?.state };
        };
        export const atOnce = async (request: Request, ctx: JobContext) => {
          const id = await ctx.scheduler.runAfter(60_000, "payments:charge", { n: 1 });
          const found = await ctx.scheduler.get(id);
          const listed = (await ctx.scheduler.list({ limit: 500 })).some((one) => one.id === id);
          return { id, state: found?.state, args: found?.args, listed, ...await ctx.scheduler.cancel(id) };
        };
        export const mistaken = async (request: Request, ctx: JobContext) => {
          const { path, args } = await argsOf(request);
          await ctx.scheduler.runAfter(0, path, args === undefined ? 'x'.repeat(1 << 20) : args);
        };
        export const failing = async (request: Request, ctx: JobContext) => {
          let id: string | undefined;
          await ctx.step('schedules and fails', async () => {
            id = await ctx.scheduler.runAfter(60_000, "payments:charge");
            throw new Error('no');
          }).catch(() => {});
          return { found: await ctx.scheduler.get(id!) };
        };
        """;

    [Fact]
    public async Task As_the_guide_prints_it()
    {
        await Live("posts", ("index.ts", Posts));
        await Live("notifications", ("index.ts", "export async function notifySubscribers(request: Request) { return { notified: await request.json() }; }"));
        await Live("billing", ("index.ts", "export const expireTrial = (request: Request) => request.json();\nexport const refund = () => {};"));
        await Live("payments", ("index.ts", "export default () => 'the plain name';\nexport const charge = async (request: Request) => ({ charged: await request.json() });"));
        foreach (var export in new[] { "publishPost", "startTrial", "orderPlaced", "complete", "atOnce", "mistaken", "failing" })
            await api.Job($"posts:{export}", new { retry = new { maxAttempts = 1 } });

        await After_a_delay();
        await At_a_time_and_taken_back();
        await Right_after_the_commit();
        await With_what_is_wrong_named_at_the_call();
    }

    async Task After_a_delay()
    {
        var publishing = await Completed("posts:publishPost", new { postId = "p1" });
        var pending = await Until.Some("the follow-up is scheduled", async () => (await api.All(Scheduled)).FirstOrDefault(x => (string?)x["scheduled_by"] == (string?)publishing["id"]));
        Assert.Equal(("notifications:notifySubscribers", """{"postId":"p1"}""", "pending", 0), (
            (string?)pending["function_path"], pending["args"]!.ToJsonString(), (string?)pending["state"], (int)pending["attempts"]!));
        var step = publishing["steps"]![0]!;
        var late = (DateTimeOffset)pending["scheduled_time"]! - (DateTimeOffset)step["started_at"]!;
        Assert.InRange(late, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));
        Assert.Equal("pending", (string?)(await api.Get($"{Scheduled}/{pending["id"]}")).Is(HttpStatusCode.OK).Json["state"]);

        // The export has got a job; it runs when its time has come, which is not waited for.
        Assert.Equal("notifications:notifySubscribers", (string?)(await api.Get("/jobs/v1/_admin/jobs/notifications:notifySubscribers")).Is(HttpStatusCode.OK).Json["handler"]);
        await Read_with_SQL((string)pending["id"]!);
    }

    /// <summary>The system table, for whoever may read it: of the org that they name, and only to read.</summary>
    async Task Read_with_SQL(string id)
    {
        await using var connection = await shared.Suite.OpenDatabase();
        async Task<object?> Scalar(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync();
        }

        await Scalar("set role reactor_reader");
        Assert.Equal(0L, await Scalar("select count(*) from _reactor_jobs.scheduled_functions"));
        await Scalar("reset role; select set_config('app.orgs', array_agg(distinct org_id)::text, false) from scheduler.run; set role reactor_reader");
        Assert.Equal("notifications:notifySubscribers pending 0 p1", await Scalar(
            $"select function_path || ' ' || state || ' ' || attempts || ' ' || (args->>'postId') from _reactor_jobs.scheduled_functions where id = '{id}' and scheduled_time > now()"));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Scalar("delete from _reactor_jobs.scheduled_functions"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    async Task At_a_time_and_taken_back()
    {
        var endsAt = TimeProvider.System.GetUtcNow().AddDays(14).ToUnixTimeMilliseconds();
        var reminder = (string)(await Completed("posts:startTrial", new { userId = "u1", trial = new { endsAt } }))["result"]!;
        var done = (await Completed("posts:complete", new { reminderId = reminder }))["result"]!;
        Assert.Equal("""{"before":"pending","listed":true,"cancelled":true,"again":true,"after":"cancelled"}""", done.ToJsonString());
        var run = await api.Ended(reminder);
        Assert.Equal(("cancelled", endsAt), ((string?)run["status"], ((DateTimeOffset)run["run_at"]!).ToUnixTimeMilliseconds()));
        Assert.DoesNotContain(await api.All(Scheduled), x => (string?)x["id"] == reminder);
    }

    async Task Right_after_the_commit()
    {
        var placed = await Completed("posts:orderPlaced", new { orderId = "o1" });
        var charge = await Ended((string)placed["result"]!);
        Assert.Equal(("completed", """{"charged":{"orderId":"o1"}}"""), ((string?)charge["status"], charge["result"]!.ToJsonString()));
        Assert.Equal(("schedule", (string?)placed["id"]), ((string?)charge["trigger"]!["kind"], (string?)charge["trigger"]!["id"]));

        // What is committed is there at once, wherever its start is by then.
        var own = (await Completed("posts:atOnce"))["result"]!.AsObject();
        var id = (string)own["id"]!;
        own.Remove("id");
        Assert.Equal("""{"state":"pending","args":{"n":1},"listed":true,"cancelled":true}""", own.ToJsonString());
        Assert.Equal("cancelled", (string?)(await api.Ended(id))["status"]);

        // Of one that has begun nothing can be taken back.
        var late = (await Completed("posts:complete", new { reminderId = (string?)charge["id"] }))["result"]!;
        Assert.Equal("""{"before":"completed","listed":false,"cancelled":false,"again":false,"after":"completed"}""", late.ToJsonString());
        Assert.Null((await Completed("posts:failing"))["result"]!["found"]);
    }

    async Task With_what_is_wrong_named_at_the_call()
    {
        (string Path, object? Args, string Code, string Message)[] mistakes =
        [
            ("billing:expireTrail", 1, "handler_not_found", "ctx.scheduler.runAfter: There is no job and no function's export \"billing:expireTrail\"; did you mean billing:expireTrial?"),
            ("billing", 1, "handler_not_found", "ctx.scheduler.runAfter: There is no job and no function's export \"billing\"; did you mean billing:refund or billing:expireTrial?"),
            ("billing:refund", null, "payload_too_large", "ctx.scheduler.runAfter: args: have 1,048,578 bytes; at most 1,048,576 are allowed."),
        ];
        foreach (var (path, args, code, message) in mistakes)
        {
            var run = await api.Ended(await api.Trigger("posts:mistaken", args is null ? new { path } : new { path, args }));
            Assert.Equal(("failed", code, message), ((string?)run["status"], (string?)run["error"]!["code"], (string?)run["error"]!["message"]));
        }

        // The plain name, by the name of its export.
        var plain = await api.Ended(await api.Trigger("posts:mistaken", new { path = "payments:default", args = 1 }));
        Assert.Equal("completed", (string?)plain["status"]);
        (await api.Get("/jobs/v1/_admin/jobs/payments")).Is(HttpStatusCode.OK);
    }

    /// <summary>The guide's triggers come with the version that declares them, and go with the one that does not.</summary>
    [Fact]
    public async Task By_triggers_in_its_code()
    {
        const string triggers = """
            import { createCronTrigger } from "@reactor/scheduler";
            export const triggers = [
            createCronTrigger({ cron: "0 3 * * *", functionPath: "cleanup:cleanupOldMessages" }),
            createCronTrigger({ cron: "*/15 * * * *", functionPath: "presence:sweep" }),
            ];
            """;
        await Live("cleanup", ("index.ts", "export const cleanupOldMessages = () => 'clean';"));
        await functions.Create("crons");
        var refused = (await functions.Upload("crons", ("index.ts", triggers))).Refused(HttpStatusCode.BadRequest, "handler_not_found").Json;
        Assert.Equal("triggers/1/functionPath: There is no job and no function's export \"presence:sweep\".", (string?)refused["detail"]);

        await functions.Create("presence");
        await functions.Deploy("presence", ("index.ts", "export const sweep = () => 'swept';"));
        await functions.Deploy("crons", ("index.ts", triggers));
        await functions.Promote("crons");
        await functions.Promote("presence");
        var trigger = Assert.Single(await Triggers("cleanup:cleanupOldMessages"));
        Assert.Equal(("cron", "0 3 * * *", "UTC", "crons"), ((string?)trigger["kind"], (string?)trigger["schedule"], (string?)trigger["timezone"], (string?)trigger["declared_by"]));
        Assert.Equal("*/15 * * * *", (string?)Assert.Single(await Triggers("presence:sweep"))["schedule"]);
        var run = (await api.Post($"/jobs/v1/_admin/jobs/cleanup:cleanupOldMessages/triggers/{trigger["id"]}/fire")).Is(HttpStatusCode.Accepted).Json;
        Assert.Equal("clean", (string?)(await api.Ended((string)run["id"]!))["result"]);

        // What is declared still stays what it is; what others have made is not theirs to take.
        (await api.Post("/jobs/v1/_admin/jobs/presence:sweep/triggers", """{"kind": "cron", "schedule": "@daily"}""")).Is(HttpStatusCode.Created);
        await functions.Deploy("crons", ("index.ts", triggers.Replace("createCronTrigger({ cron: \"*/15 * * * *\", functionPath: \"presence:sweep\" }),", "", StringComparison.Ordinal)));
        await functions.Promote("crons");
        Assert.Equal((string?)trigger["id"], (string?)Assert.Single(await Triggers("cleanup:cleanupOldMessages"))["id"]);
        Assert.Equal(["@daily"], (await Triggers("presence:sweep")).Select(x => (string?)x["schedule"]));
        (await api.Send(HttpMethod.Delete, "/functions/v1/_admin/functions/crons", null)).Is(HttpStatusCode.NoContent);
        Assert.Empty(await Triggers("cleanup:cleanupOldMessages"));
    }

    [Fact]
    public async Task And_triggers_that_are_none_are_refused_with_their_place()
    {
        await functions.Create("odd");
        async Task<string?> Refusal(string code) => (string?)(await functions.Upload("odd", ("index.ts", code))).Refused(HttpStatusCode.BadRequest, "invalid_bundle").Json["detail"];
        Assert.StartsWith("triggers/0/cron: hour \"25\"", await Refusal("""export const triggers = [{ cron: "0 25 * * *", functionPath: "odd" }]; export default () => 1;"""), StringComparison.Ordinal);
        Assert.Equal("triggers: must be an array of what createCronTrigger gives", await Refusal("export const triggers = 'daily';"));
        Assert.Contains("createCronTrigger: cron must have 5 fields", await Refusal("""
            import { createCronTrigger } from '@reactor/scheduler';
            export const triggers = [createCronTrigger({ cron: '3 * *', functionPath: 'odd' })];
            """), StringComparison.Ordinal);
    }

    /// <summary>A trigger may be registered for an export before it has a job; for what is nothing, it may not.</summary>
    [Fact]
    public async Task And_triggers_are_registered_for_what_is_there()
    {
        await Live("hourly", ("index.ts", "export const report = () => 'done';"));
        (await api.Post("/jobs/v1/_admin/jobs/hourly:report/triggers", """{"kind": "cron", "schedule": "@hourly"}""")).Is(HttpStatusCode.Created);
        Assert.Single(await Triggers("hourly:report"));
        var unknown = (await api.Post("/jobs/v1/_admin/jobs/hourly:reprot/triggers", """{"kind": "cron", "schedule": "@hourly"}""")).Refused(HttpStatusCode.NotFound, "job_not_found").Json;
        Assert.Contains("did you mean hourly:report?", (string?)unknown["detail"], StringComparison.Ordinal);
    }

    async Task<IReadOnlyList<JsonNode>> Triggers(string job) => [.. (await api.Get($"/jobs/v1/_admin/jobs/{job}/triggers")).Is(HttpStatusCode.OK).Json.AsArray().OfType<JsonNode>()];

    async Task<JsonNode> Completed(string job, object? payload = null)
    {
        var run = await api.Ended(await api.Trigger(job, payload));
        Assert.True((string?)run["status"] == "completed", run.ToJsonString());
        return run;
    }

    /// <summary>The run when it has ended, which may have yet to be there.</summary>
    async Task<JsonNode> Ended(string id)
    {
        await Until.True($"{id} is there", async () => (await api.Get($"/jobs/v1/runs/{id}")).Status == HttpStatusCode.OK);
        return await api.Ended(id);
    }
}
