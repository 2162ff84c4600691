using System.Text.Json.Nodes;

namespace ReactorJobs.Tests.Docs;

/// <summary>
/// The guide to scheduled jobs, typed line by line. Its report is counted from the payload, because the data client that it asks for is not here
/// yet.
/// </summary>
[Collection(PrintedSuite.Name)]
public sealed class The_guide_runs_as_it_is_printed(PrintedSuite suite)
{
    const string Report = """
        interface JobPayload {
          org_id: string;
          report_type: "daily" | "weekly";
        }

        export default async function handler(req: Request): Promise<Response> {
          const payload: JobPayload = await req.json();

          const orders = [{ total: 20, status: "completed" }, { total: 5, status: "open" }];

          const summary = {
            total_orders: orders?.length ?? 0,
            revenue: orders?.reduce((sum, o) => sum + o.total, 0) ?? 0,
            completed: orders?.filter(o => o.status === "completed").length ?? 0,
          };

          console.log(`Report generated for org ${payload.org_id}:`, summary);
          return Response.json({ ok: true, summary });
        }
        """;

    const string Manifest = """
        {
          "jobs": [
            {
              "id": "daily-sales-report",
              "name": "Daily Sales Report",
              "handler": "daily-report",
              "timeout_ms": 300000,
              "retries": 3,
              "triggers": [
                {
                  "type": "cron",
                  "schedule": "0 6 * * *",
                  "timezone": "America/New_York",
                  "payload": {
                    "org_id": "00000000-0000-0000-0000-000000000001",
                    "report_type": "daily"
                  }
                }
              ]
            },
            {
              "id": "cleanup-expired-sessions",
              "name": "Cleanup Expired Sessions",
              "handler": "cleanup-sessions",
              "timeout_ms": 60000,
              "retries": 1,
              "triggers": [
                {
                  "type": "cron",
                  "schedule": "*/15 * * * *",
                  "payload": {}
                }
              ]
            }
          ]
        }
        """;

    [Fact]
    public async Task From_the_health_check_to_the_logs()
    {
        Assert.Equal("\"ok\"\n", await suite.Type("""
            curl http://localhost:8000/health | jq '.capabilities.jobs'
            # "ok"
            """));

        suite.Checkout.Write("functions/daily-report/index.ts", Report);
        await suite.Type("reactor functions deploy daily-report");
        suite.Checkout.Write("jobs/manifest.json", Manifest);
        var deployed = await suite.Type("reactor deploy # includes jobs/manifest.json in bundle");
        Assert.Matches(@"(?m)^function +daily-report +unchanged +1$", deployed);
        // The suite looks at the same folder, and may have been the first.
        Assert.Matches(@"(?m)^job +daily-sales-report +(created|unchanged)$", deployed);

        var registered = await suite.TypeForJson("""
            curl -X POST \
              -H "Authorization: Bearer $USER_JWT" \
              -H "Content-Type: application/json" \
              http://localhost:8000/jobs/v1/jobs \
              -d @jobs/manifest.json
            """);
        Assert.Equal("""{"created":[],"updated":[],"unchanged":["daily-sales-report","cleanup-expired-sessions"]}""", registered.ToJsonString());

        var run = await suite.Ended((await suite.Trigger("daily-sales-report", """{"org_id":"org_1","report_type":"weekly"}"""))[0]);
        Assert.Equal("""{"ok":true,"summary":{"total_orders":2,"revenue":25,"completed":1}}""", run["result"]!.ToJsonString());

        var runs = (await suite.TypeForJson("""
            curl -H "Authorization: Bearer $JWT" \
              "http://localhost:8000/jobs/v1/runs?limit=10" | jq
            """)).AsArray();
        var listed = runs.Single(x => (string?)x!["id"] == (string?)run["id"])!;
        Assert.Equal(("daily-sales-report", "completed"), ((string?)listed["job_id"], (string?)listed["status"]));
        Assert.All(["started_at", "completed_at", "duration_ms"], field => Assert.NotNull(listed[field]));

        suite.Checkout.Write("report.mts", """
            import { createClient } from '@reactor/client';

            const reactor = createClient({ url: process.env.REACTOR_URL!, token: process.env.USER_JWT! });
            const org = { id: 'org_2' };

            console.log((
            await reactor.jobs.trigger("daily-sales-report", {
              org_id: org.id,
              report_type: "weekly",
            })
            ).id);
            """);
        var weekly = await suite.Ended((await suite.TypeScript("report.mts")).Trim());
        Assert.Equal("""{"org_id":"org_2","report_type":"weekly"}""", weekly["payload"]!.ToJsonString());

        await Followed("reactor logs --capability jobs --follow", "Report generated for org org_1:");
    }

    [Fact]
    public async Task A_handler_says_what_is_to_be_tried_again_and_what_is_not()
    {
        suite.Checkout.Write("functions/sync-api/index.ts", """
            export default async function handler(req, ctx) {
              const { fatal } = await req.json();
              const syncData = async () => {
                if (fatal) throw Object.assign(new Error('no such account'), { code: 'NOT_FOUND' });
                if (ctx.run.attempt === 1) throw Object.assign(new Error('slow down'), { code: 'RATE_LIMITED' });
              };

              try {
                await syncData();
                return Response.json({ ok: true });
              } catch (err) {
                if (err.code === "RATE_LIMITED") {
                  // Will retry with backoff
                  return new Response(JSON.stringify({ error: err.message }), { status: 503 });
                }
                // Fatal — won't retry
                return new Response(JSON.stringify({ error: err.message }), { status: 422 });
              }
            }
            """);
        suite.Checkout.Write("sync.json", """
            {
              "id": "sync-external-api",
              "handler": "sync-api",
              "timeout_ms": 120000,
              "retries": 5,
              "retry_backoff": {
                "type": "exponential",
                "initial_ms": 1000,
                "max_ms": 60000,
                "multiplier": 2
              },
              "triggers": [{ "type": "cron", "schedule": "0 */4 * * *" }]
            }
            """);
        await suite.Checkout.Bash("""
            reactor functions deploy sync-api
            reactor jobs create --file sync.json
            """);
        var ids = await suite.Trigger("sync-external-api", """{"fatal":false}""", """{"fatal":true}""");

        var (retried, fatal) = (await suite.Ended(ids[0]), await suite.Ended(ids[1]));
        Assert.Equal(("completed", 2), ((string?)retried["status"], (int)retried["attempt"]!));
        Assert.Equal(("failed", 1), ((string?)fatal["status"], (int)fatal["attempt"]!));
        Assert.Contains("slow down", (string?)retried["attempts"]![0]!["error"]!["message"], StringComparison.Ordinal);
        Assert.Contains("no such account", (string?)fatal["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stripe_calls_what_the_manifest_says()
    {
        suite.Checkout.Write("functions/process-payment/index.ts", """
            export default async function handler(req: Request): Promise<Response> {
              const event = await req.json();
              return Response.json({ processed: event.type });
            }
            """);
        suite.Checkout.Write("stripe.json", """
            {
              "id": "stripe-payment-processor",
              "handler": "process-payment",
              "triggers": [
                {
                  "type": "webhook",
                  "path": "/hooks/stripe",
                  "method": "POST",
                  "verify": {
                    "type": "hmac",
                    "header": "stripe-signature",
                    "secret": "vault:jobs/stripe_webhook_secret"
                  }
                }
              ]
            }
            """);
        await suite.Checkout.Bash("""
            reactor secrets set jobs/stripe_webhook_secret --value whsec_example
            reactor functions deploy process-payment
            curl -sS --fail-with-body -H "Authorization: Bearer $USER_JWT" "$REACTOR_URL/jobs/v1/jobs" --json @stripe.json
            """);
        var refused = await suite.TypeForJson("""
            curl -X POST \
              -H "Content-Type: application/json" \
              -H "stripe-signature: t=123,v1=abc..." \
              https://api.myapp.com/jobs/v1/hooks/stripe \
              -d '{"type":"payment_intent.succeeded","data":{...}}'
            """.Replace("https://api.myapp.com", suite.Checkout.Url, StringComparison.Ordinal));
        Assert.Equal((401, "signature_invalid"), ((int)refused["status"]!, (string?)refused["code"]));

        // The same with what is abbreviated there.
        var accepted = await suite.TypeForJson("""
            body='{"type":"payment_intent.succeeded","data":{}}' t=$(date +%s)
            v1=$(printf '%s.%s' "$t" "$body" | openssl dgst -sha256 -hmac whsec_example -hex | sed 's/.* //')
            curl -sS -X POST -H "Content-Type: application/json" -H "stripe-signature: t=$t,v1=$v1" "$REACTOR_URL/jobs/v1/hooks/stripe" -d "$body"
            """);
        var run = await suite.Ended((string)accepted["run_id"]!);
        Assert.Equal(("completed", "payment_intent.succeeded"), ((string?)run["status"], (string?)run["result"]!["processed"]));
    }

    /// <summary>What stays until it is interrupted has printed the text by then.</summary>
    async Task Followed(string command, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var process = suite.Checkout.Start("exec " + command);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is var line && line?.Contains(text, StringComparison.Ordinal) != true)
                Assert.True(line is not null, $"it ended: {(line is null ? await process.StandardError.ReadToEndAsync(patience.Token) : "")}");
            await Checkout.Interrupt(process);
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal(130, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
