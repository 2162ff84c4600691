using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Docs;

/// <summary>
/// The overview of jobs, from its quickstart to its troubleshooting, typed line by line.
/// </summary>
[Collection(PrintedSuite.Name)]
public sealed partial class The_quickstart_runs_as_it_is_printed(PrintedSuite suite)
{
    const string ProcessOrder = "functions/process-order/code/index.ts";

    const string Printed = """
        import { JobContext } from '@reactor/jobs-sdk';

        export default {
          async fetch(request: Request, _env: Env, ctx: JobContext): Promise<Response> {
            const payload = await request.json();

            const order = await ctx.step('validate', async () => validateOrder(payload));
            await ctx.step('charge', async () => chargeCustomer(order));
            await ctx.emit('order.processed', { orderId: order.id });

            return Response.json({ success: true, orderId: order.id });
          },
        };

        """;

    // The two names that the sample leaves to its reader, here with a fault to find, and a call that does not come back.
    const string WithAFault = """
        const validateOrder = ({ orderId }) => ({ id: orderId, checkedBy: 'the first version' });
        const chargeCustomer = (order) => {
          if (order.id === 'ord_stuck') return new Promise(() => {});
          if (order.id.startsWith('ord_declined')) throw new Error(`cannot charge ${order.id}`);
        };
        """;

    const string Mended = """
        const validateOrder = ({ orderId }) => ({ id: orderId, checkedBy: 'the second version' });
        const chargeCustomer = (order) => ({ charged: order.id });
        """;

    [Fact]
    public async Task From_the_first_function_to_the_retry_of_what_failed()
    {
        await Quickstart();
        await TheSameOverHttp();
        await ByWebhook();

        var failed = await suite.Trigger("process-order", """{"orderId":"ord_declined_1"}""", """{"orderId":"ord_declined_2"}""");
        var stuck = (await suite.Trigger("process-order", """{"orderId":"ord_stuck"}"""))[0];
        foreach (var id in failed)
            Assert.Equal(("failed", 3), (Status(await suite.Ended(id)), (int)(await suite.Run(id))["attempt"]!));

        var letters = await WhatFailed(failed);
        await Cancel(stuck);
        suite.Checkout.Write(ProcessOrder, Printed + Mended);
        await suite.Type("reactor functions deploy process-order --dir ./functions/process-order");

        await RetryDeadLetters(letters);
        await FromTypeScript(letters);
        var again = RunId().Match(await suite.Type($"reactor jobs runs retry process-order {stuck}")).Value;
        Assert.Equal("completed", Status(await suite.Ended(again)));
    }

    async Task Quickstart()
    {
        suite.Checkout.Write(ProcessOrder, Printed + WithAFault);
        await suite.Type("""
            reactor functions create process-order --runtime bun
            reactor functions deploy process-order --dir ./functions/process-order
            reactor functions promote process-order

            reactor jobs create process-order --function process-order
            """);
        Assert.Contains("every hour, UTC", await suite.Type("""reactor jobs triggers create process-order --kind cron --schedule "0 * * * *" """), StringComparison.Ordinal);
        // The full hour may come now, with a run that this session does not expect.
        await suite.Type("reactor jobs triggers pause process-order $(reactor jobs triggers list process-order -o ids)");
        var triggered = await suite.Type("""reactor jobs trigger process-order --payload '{"orderId":"ord_123"}'""");
        var run = await suite.Ended(RunId().Match(triggered).Value);
        Assert.Equal("completed", Status(run));
        Assert.Equal("""{"success":true,"orderId":"ord_123"}""", run["result"]!.ToJsonString());
        Assert.Equal(["validate", "charge"], run["steps"]!.AsArray().Select(x => (string)x!["name"]!));
        Assert.Equal("order.processed", (string?)run["events"]![0]!["topic"]);
    }

    async Task TheSameOverHttp()
    {
        var job = await suite.TypeForJson("""
            # Create job (function must exist first)
            curl -s -X POST "$REACTOR_URL/jobs/v1/_admin/jobs" \
              -H "Authorization: Bearer $REACTOR_TOKEN" \
              -H "X-Reactor-Org: acme" \
              -H "Content-Type: application/json" \
              -d '{"name":"process-order","function_name":"process-order"}'
            """);
        Assert.Equal(("process-order", "process-order"), ((string?)job["id"], (string?)job["function_name"]));
        var run = await suite.TypeForJson("""
            # Manual trigger
            curl -s -X POST "$REACTOR_URL/jobs/v1/process-order/trigger" \
              -H "Authorization: Bearer $REACTOR_TOKEN" \
              -H "X-Reactor-Org: acme" \
              -H "Content-Type: application/json" \
              -d '{"payload":{"orderId":"ord_123"}}'
            """);
        Assert.Equal("completed", Status(await suite.Ended((string)run["id"]!)));
    }

    /// <summary>The address is printed once; the document abbreviates it.</summary>
    async Task ByWebhook()
    {
        var printed = await suite.Type("reactor jobs triggers create process-order --kind webhook");
        var token = Token().Match(printed).Value;
        Assert.Contains($"/jobs/v1/webhooks/{token}", printed, StringComparison.Ordinal);
        var accepted = await suite.TypeForJson($$"""
            # External caller (no JWT — token is auth)
            curl -s -X POST "$REACTOR_URL/jobs/v1/webhooks/{{token}}" \
              -H "Content-Type: application/json" \
              -d '{"orderId":"ord_456","source":"stripe"}'
            """);
        var run = await suite.Ended((string)accepted["run_id"]!);
        Assert.Equal(("completed", "webhook", "ord_456"), (Status(run), (string?)run["trigger"]!["kind"], (string?)run["result"]!["orderId"]));

        // "Webhook returns 404: token may be invalid or expired."
        var refused = await suite.TypeForJson($$"""
            curl -s -X POST "$REACTOR_URL/jobs/v1/webhooks/{{token[..^1]}}" -d '{}'
            """);
        Assert.Equal((404, "trigger_not_found"), ((int)refused["status"]!, (string?)refused["code"]));
    }

    /// <summary>Looks at the failed runs, and gives their dead letters in the same order.</summary>
    async Task<string[]> WhatFailed(string[] failed)
    {
        var runs = await suite.Type("reactor jobs runs list process-order --status failed");
        var letters = await suite.Type("reactor jobs dlq list process-order");
        Assert.All(failed, id => Assert.Contains(id, runs, StringComparison.Ordinal));
        var overHttp = await suite.TypeForJson("""
            curl -s "$REACTOR_URL/jobs/v1/_admin/jobs/process-order/runs?status=failed" \
              -H "Authorization: Bearer $REACTOR_TOKEN" \
              -H "X-Reactor-Org: acme"
            """);
        Assert.Equal(failed.Order(), overHttp.AsArray().Select(x => (string)x!["id"]!).Order());
        var ofRuns = DeadLetter().Matches(letters).ToDictionary(x => x.Groups[2].Value, x => x.Groups[1].Value);
        return [.. failed.Select(id => Assert.Contains(id, ofRuns))];
    }

    async Task Cancel(string stuck)
    {
        Assert.Contains("running", await suite.Type($"reactor jobs runs get process-order {stuck}"), StringComparison.Ordinal);
        await suite.Type($"reactor jobs runs cancel process-order {stuck}");
        Assert.Equal("cancelled", Status(await suite.Ended(stuck)));
    }

    async Task RetryDeadLetters(string[] letters)
    {
        var byCommand = RunId().Match(await suite.Type($"reactor jobs dlq retry process-order {letters[0]}")).Value;
        var overHttp = await suite.TypeForJson($"""
            curl -s -X POST "$REACTOR_URL/jobs/v1/_admin/jobs/process-order/dlq/{letters[1]}/retry" \
              -H "Authorization: Bearer $REACTOR_TOKEN" \
              -H "X-Reactor-Org: acme"
            """);
        foreach (var id in new[] { byCommand, (string)overHttp["id"]! })
        {
            var run = await suite.Ended(id);
            Assert.Equal("completed", Status(run));
            // The mended function runs, and goes on behind the step that the first one has completed.
            Assert.Equal("the first version", (string?)run["steps"]![0]!["output"]!["checkedBy"]);
            Assert.StartsWith("ord_declined_", (string?)run["steps"]![1]!["output"]!["charged"], StringComparison.Ordinal);
        }
    }

    /// <summary>The same by the client, checked by the compiler; in place of the sign-in it is given a token.</summary>
    async Task FromTypeScript(string[] letters)
    {
        suite.Checkout.Write("quickstart.mts", """
            import { createClient } from '@reactor/client';

            const reactor = createClient({ url: process.env.REACTOR_URL! });
            reactor.auth.setToken(process.env.REACTOR_TOKEN!);
            reactor.auth.setOrg('acme');

            await reactor.jobs.create({
              name: 'process-order',
              functionName: 'process-order',
            });

            await reactor.jobs.triggers.create('process-order', {
              kind: 'cron',
              schedule: '0 * * * *',
            });

            const run = await reactor.jobs.trigger('process-order', {
              payload: { orderId: 'ord_123' },
            });
            console.log(run.id, run.status);

            const failed = await reactor.jobs.runs.list('process-order', { status: 'failed' });
            const dlq = await reactor.jobs.dlq.list('process-order');
            const retried = await reactor.jobs.dlq.retry('process-order', dlq[0].id);

            const { result } = await reactor.jobs.runs.get('process-order', run.id, { wait: '30s' });
            console.log(JSON.stringify([result, failed.length, dlq.map((letter) => letter.id), retried.retryOf === dlq[0].runId]));
            """);
        var printed = (await suite.TypeScript("quickstart.mts")).Split('\n');
        Assert.Matches("^run_[0-9A-Z]{26} (pending|running)$", printed[0]);
        Assert.Equal($$"""[{"success":true,"orderId":"ord_123"},2,["{{letters[1]}}","{{letters[0]}}"],true]""", printed[1]);
    }

    [Fact]
    public async Task With_a_sleep_between_the_steps()
    {
        suite.Checkout.Write("functions/welcome-mails/index.ts", """
            import { JobContext } from '@reactor/jobs-sdk';

            export default async function handler(request: Request, ctx: JobContext): Promise<Response> {
              const user = await request.json();
              await ctx.step('send-welcome', async () => sendWelcomeEmail(user));
              await ctx.sleep('cooling-off', '1s');
              await ctx.step('follow-up', async () => sendFollowUp(user));
              return Response.json({ mailed: user.name });
            }

            const sendWelcomeEmail = (user) => `welcome, ${user.name}`;
            const sendFollowUp = (user) => `how are you, ${user.name}?`;
            """);
        await suite.Checkout.Bash("""
            reactor functions deploy welcome-mails
            reactor jobs create welcome-mails --function welcome-mails
            """);
        var run = await suite.Ended((await suite.Trigger("welcome-mails", """{"name":"Ada"}"""))[0]);
        Assert.Equal("completed", Status(run));
        Assert.Equal(["suspended", "completed"], run["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!));
        Assert.Equal(["welcome, Ada", "how are you, Ada?"], run["steps"]!.AsArray().Select(x => x!["output"]).OfType<JsonValue>().Select(x => (string)x!));
    }

    static string? Status(JsonNode run) => (string?)run["status"];

    [GeneratedRegex("whk_[A-Za-z0-9_-]{43}")]
    private static partial Regex Token();

    [GeneratedRegex("run_[0-9A-Z]{26}")]
    private static partial Regex RunId();

    [GeneratedRegex("(dlq_[0-9A-Z]{26}) +(run_[0-9A-Z]{26})")]
    private static partial Regex DeadLetter();
}
