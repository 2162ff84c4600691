namespace ReactorJobs.Tests.Cli;

public sealed class Each_command_sends_its_request : IAsyncLifetime
{
    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("jobs list", "GET /jobs/v1/_admin/jobs")]
    [InlineData("jobs list --limit 7 --cursor a=b", "GET /jobs/v1/_admin/jobs?limit=7&cursor=a%3Db")]
    [InlineData("jobs get process-order", "GET /jobs/v1/_admin/jobs/process-order")]
    [InlineData("jobs get saveImage/local", "GET /jobs/v1/_admin/jobs/saveImage%2Flocal")]
    [InlineData("jobs delete j --force", "DELETE /jobs/v1/_admin/jobs/j")]
    [InlineData("jobs pause j", """PATCH /jobs/v1/_admin/jobs/j {"paused":true}""")]
    [InlineData("jobs resume j", """PATCH /jobs/v1/_admin/jobs/j {"paused":false}""")]
    [InlineData("jobs create j --function f", """POST /jobs/v1/_admin/jobs {"name":"j","function_name":"f"}""")]
    [InlineData("jobs create j --handler http://h/x --max-attempts 4 --timeout 10m --max-concurrency 2",
        """POST /jobs/v1/_admin/jobs {"name":"j","handler":"http://h/x","timeout_ms":600000,"max_concurrency":2,"retry":{"max_attempts":4}}""")]
    [InlineData("jobs triggers create j --kind event --topic order.created",
        """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"event","topic":"order.created"}""")]
    [InlineData("jobs triggers create j --kind cron --schedule @hourly --timezone Europe/Vienna --payload 1",
        """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"cron","schedule":"@hourly","timezone":"Europe/Vienna","payload":1}""")]
    [InlineData("jobs triggers create j --kind cron --schedule @daily --seconds --misfire all --misfire-window 2h --overlap cancel_running --jitter 90000",
        """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"cron","schedule":"@daily","seconds":true,"misfire":"all","misfire_window":"2h","overlap":"cancel_running","jitter":90000}""")]
    [InlineData("jobs triggers create j --kind cron --text every --timezone Europe/Vienna",
        """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"cron","text":"every","timezone":"Europe/Vienna"}""")]
    [InlineData("jobs triggers preview --text every --count 3", """POST /jobs/v1/_admin/schedules/preview {"text":"every","count":3}""")]
    [InlineData("jobs triggers preview --schedule @hourly --timezone Europe/Vienna --from 2026-04-01T08:00+02:00 --count 3",
        """POST /jobs/v1/_admin/schedules/preview {"schedule":"@hourly","timezone":"Europe/Vienna","from":"2026-04-01T06:00:00.000Z","count":3}""")]
    [InlineData("jobs triggers fires a/b trg_1", "GET /jobs/v1/_admin/jobs/a%2Fb/triggers/trg_1/fires")]
    [InlineData("jobs triggers fires j trg_1 --since 1h --until 2026-03-01 --limit 5",
        "GET /jobs/v1/_admin/jobs/j/triggers/trg_1/fires?from=2026-03-01T11%3A00%3A00.000Z&until=2026-03-01T00%3A00%3A00.000Z&limit=5")]
    [InlineData("jobs triggers pause j trg_1", """PATCH /jobs/v1/_admin/jobs/j/triggers/trg_1 {"paused":true}""")]
    [InlineData("jobs triggers resume j trg_1", """PATCH /jobs/v1/_admin/jobs/j/triggers/trg_1 {"paused":false}""")]
    [InlineData("jobs triggers fire j trg_1", "POST /jobs/v1/_admin/jobs/j/triggers/trg_1/fire")]
    [InlineData("jobs triggers create j --kind webhook", """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"webhook"}""")]
    [InlineData("jobs triggers create j --kind webhook --path /hooks/x --method PUT --method POST --verify hmac --header X-Mac --secret vault:a --secret b --expires-in 30d",
        """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"webhook","path":"/hooks/x","methods":["PUT","POST"],"expires_in":"30d","verify":{"type":"hmac","header":"X-Mac","secrets":["vault:a","b"]}}""")]
    [InlineData("jobs triggers create j --kind webhook --verify stripe --secret whsec_1", """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"webhook","verify":{"type":"stripe","secret":"whsec_1"}}""")]
    [InlineData("jobs triggers rotate a/b trg_1 --force", "POST /jobs/v1/_admin/jobs/a%2Fb/triggers/trg_1/rotate")]
    [InlineData("jobs triggers deliveries j trg_1 --limit 5 --cursor whd_1", "GET /jobs/v1/_admin/jobs/j/triggers/trg_1/deliveries?limit=5&cursor=whd_1")]
    [InlineData("jobs triggers redeliver j trg_1 whd_1", "POST /jobs/v1/_admin/jobs/j/triggers/trg_1/deliveries/whd_1/redeliver")]
    [InlineData("jobs triggers list j", "GET /jobs/v1/_admin/jobs/j/triggers")]
    [InlineData("jobs triggers delete j trg_1 --force", "DELETE /jobs/v1/_admin/jobs/j/triggers/trg_1")]
    [InlineData("jobs trigger j", "POST /jobs/v1/j/trigger {}")]
    [InlineData("jobs trigger a/b --payload {\"n\":1.0} --delay 5m --priority high",
        """POST /jobs/v1/a%2Fb/trigger {"payload":{"n":1.0},"delay":"5m","priority":"high"}""")]
    [InlineData("jobs trigger j --payload null --delay 1500 --priority 7", """POST /jobs/v1/j/trigger {"payload":null,"delay":1500,"priority":7}""")]
    [InlineData("jobs trigger j --run-at 2026-04-01T08:00+02:00", """POST /jobs/v1/j/trigger {"run_at":"2026-04-01T06:00:00.000Z"}""")]
    [InlineData("jobs runs list", "GET /jobs/v1/runs")]
    [InlineData("jobs runs list j --status failed --limit 5", "GET /jobs/v1/_admin/jobs/j/runs?status=failed&limit=5")]
    [InlineData("jobs runs list --since 1h", "GET /jobs/v1/runs?since=2026-03-01T11%3A00%3A00.000Z")]
    [InlineData("jobs runs list --since 2026-02-01", "GET /jobs/v1/runs?since=2026-02-01T00%3A00%3A00.000Z")]
    [InlineData("jobs runs get run_1", "GET /jobs/v1/runs/run_1")]
    [InlineData("jobs runs get j run_1", "GET /jobs/v1/runs/run_1")]
    [InlineData("jobs runs cancel j run_1", "POST /jobs/v1/_admin/jobs/j/runs/run_1/cancel")]
    [InlineData("jobs runs retry j run_1", "POST /jobs/v1/_admin/jobs/j/runs/run_1/retry")]
    [InlineData("jobs runs retry j run_1 --from start", """POST /jobs/v1/_admin/jobs/j/runs/run_1/retry {"from":"start"}""")]
    [InlineData("jobs scheduled list --state pending --limit 5", "GET /jobs/v1/_scheduled_functions?state=pending&limit=5")]
    [InlineData("jobs scheduled cancel run_1 run_2", """POST /jobs/v1/runs/cancel {"ids":["run_1","run_2"]}""")]
    [InlineData("jobs dlq list j", "GET /jobs/v1/_admin/jobs/j/dlq")]
    [InlineData("jobs dlq retry j dlq_1", "POST /jobs/v1/_admin/jobs/j/dlq/dlq_1/retry")]
    [InlineData("jobs dlq retry j dlq_1 --from failed_step", """POST /jobs/v1/_admin/jobs/j/dlq/dlq_1/retry {"from":"failed_step"}""")]
    [InlineData("jobs dlq retry j dlq_1 dlq_2 --from start", """POST /jobs/v1/_admin/jobs/j/dlq/retry {"ids":["dlq_1","dlq_2"],"from":"start"}""")]
    [InlineData("jobs dlq discard j dlq_1 --force", "DELETE /jobs/v1/_admin/jobs/j/dlq/dlq_1")]
    [InlineData("logs", "GET /jobs/v1/_admin/logs")]
    [InlineData("logs j --run run_1", "GET /jobs/v1/_admin/jobs/j/logs?run_id=run_1")]
    [InlineData("logs --capability jobs", "GET /jobs/v1/_admin/logs")]
    [InlineData("logs --capability jobs --job j --run run_1", "GET /jobs/v1/_admin/jobs/j/logs?run_id=run_1")]
    [InlineData("functions create process-order --runtime bun", """POST /functions/v1/_admin/functions {"name":"process-order","runtime":"bun"}""")]
    [InlineData("functions create f --no-network --env LEVEL=debug --env Q=a=b --secret KEY=vault:jobs/key",
        """POST /functions/v1/_admin/functions {"name":"f","network":false,"env":{"LEVEL":"debug","Q":"a=b"},"secrets":{"KEY":"vault:jobs/key"}}""")]
    [InlineData("functions set f --no-network --env A=1", """PATCH /functions/v1/_admin/functions/f {"network":false,"env":{"A":"1"}}""")]
    [InlineData("functions set ns/f --network", """PATCH /functions/v1/_admin/functions/ns%2Ff {"network":true}""")]
    [InlineData("functions set f --unset A --secret A=vault:a", """PATCH /functions/v1/_admin/functions/f {"secrets":{"A":"vault:a"},"env":{"A":null}}""")]
    [InlineData("functions list --limit 3", "GET /functions/v1/_admin/functions?limit=3")]
    [InlineData("functions get ns/f", "GET /functions/v1/_admin/functions/ns%2Ff")]
    [InlineData("functions delete f --force", "DELETE /functions/v1/_admin/functions/f")]
    [InlineData("functions promote f", "POST /functions/v1/_admin/functions/f/promote {}")]
    [InlineData("functions promote f --version 3", """POST /functions/v1/_admin/functions/f/promote {"version":3}""")]
    [InlineData("functions rollback f --to 2", """POST /functions/v1/_admin/functions/f/promote {"version":2}""")]
    [InlineData("secrets set jobs/api_key --value v", """PUT /secrets/v1/jobs/api_key {"value":"v"}""")]
    [InlineData("secrets set vault:jobs/api_key --value v", """PUT /secrets/v1/jobs/api_key {"value":"v"}""")]
    [InlineData("secrets list --cursor a", "GET /secrets/v1?cursor=a")]
    [InlineData("secrets delete jobs/api_key --force", "DELETE /secrets/v1/jobs/api_key")]
    [InlineData("sql grant the_shop", "PUT /jobs/v1/_admin/sql/roles/the_shop {}")]
    [InlineData("sql revoke a/b --force", "DELETE /jobs/v1/_admin/sql/roles/a%2Fb")]
    [InlineData("sql list", "GET /jobs/v1/_admin/sql/roles")]
    [InlineData("data list", "GET /jobs/v1/_admin/data/databases")]
    [InlineData("""jobs triggers create j --kind data --table public.orders --on insert --on update --when {"new":{"status":"paid"}} --database shop""",
        """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"data","table":"public.orders","events":["insert","update"],"database":"shop","when":{"new":{"status":"paid"}}}""")]
    [InlineData("sql refused --limit 5 --cursor run_1", "GET /jobs/v1/_admin/refused?limit=5&cursor=run_1")]
    [InlineData("events emit order.created --payload [1] --id e1", """POST /jobs/v1/_admin/events {"topic":"order.created","payload":[1],"id":"e1"}""")]
    [InlineData("events list --topic t --status unconsumed", "GET /jobs/v1/_admin/events?topic=t&status=unconsumed")]
    [InlineData("events list --unconsumed --topic t", "GET /jobs/v1/_admin/events?topic=t&status=unconsumed")]
    [InlineData("events get evt_1", "GET /jobs/v1/_admin/events/evt_1")]
    [InlineData("events replay evt_1", "POST /jobs/v1/_admin/events/evt_1/replay")]
    [InlineData("events replay evt_1 --trigger trg_1 --trigger trg_2 --idempotency-key k", """POST /jobs/v1/_admin/events/evt_1/replay {"triggers":["trg_1","trg_2"]}""")]
    [InlineData("jobs triggers create j --kind event --topic t --since 24h", """POST /jobs/v1/_admin/jobs/j/triggers {"kind":"event","topic":"t","since":"24h"}""")]
    public async Task With_method_path_and_body(string command, string request)
    {
        using var shell = new Shell(api);
        if (command.StartsWith("logs", StringComparison.Ordinal)) api.Streams();

        var ended = await shell.Run(command.Split(' '));

        Assert.Equal("", ended.Error);
        Assert.Equal(0, ended.Exit);
        Assert.Equal(request, api.Request.ToString());
        Assert.Equal("Bearer tok", api.Request.Headers.Authorization.ToString());
        Assert.Equal("acme", api.Request.Headers["X-Reactor-Org"].ToString());
        if (api.Request.Body.Length > 0) Assert.StartsWith("application/json", api.Request.Headers.ContentType.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_idempotency_key_is_a_header()
    {
        using var shell = new Shell(api);
        await shell.Run("jobs", "trigger", "j", "--idempotency-key", "order-7");
        Assert.Equal("order-7", api.Request.Headers["Idempotency-Key"].ToString());
    }

    [Fact]
    public async Task A_payload_may_be_a_file_or_standard_input()
    {
        using var shell = new Shell(api) { Input = """{"from":"stdin"}""" };
        var file = shell.Write("order.json", """{ "big": 12345678901234567890, "text": "Zoë" }""");

        await shell.Run("jobs", "trigger", "j", "--payload", $"@{file}");
        await shell.Run("jobs", "trigger", "j", "--payload", "-");

        Assert.Contains("12345678901234567890", api.Requests[0].Body, StringComparison.Ordinal);
        Assert.Equal("""{"payload":{"from":"stdin"}}""", api.Requests[1].Body);
    }

    [Fact]
    public async Task Options_win_over_the_file_of_a_new_job_in_either_spelling()
    {
        using var shell = new Shell(api);
        var file = shell.Write("job.json", """{"name":"old","functionName":"f","maxConcurrency":9,"timeoutMs":1,"retries":4,"retry":{"maxAttempts":2,"backoff":"linear"}}""");

        await shell.Run("jobs", "create", "new", "--file", file, "--handler", "h", "--max-concurrency", "3", "--max-attempts", "5");

        Assert.Equal("""{"timeoutMs":1,"retry":{"backoff":"linear","max_attempts":5},"name":"new","handler":"h","max_concurrency":3}""", api.Request.Body);
    }

    [Fact]
    public async Task Health_needs_no_token()
    {
        api.Answers("""{"status":"ok","capabilities":{"jobs":"ok","functions":"ok"}}""");
        using var shell = new Shell().With("REACTOR_URL", api.Url);

        var ended = await shell.Run("health");

        Assert.Equal(0, ended.Exit);
        Assert.Equal($"ok  {api.Url}\n  jobs       ok\n  functions  ok\n", ended.Out);
        Assert.Equal("GET /health", api.Request.ToString());
        Assert.False(api.Request.Headers.ContainsKey("Authorization"));
    }

    [Theory]
    [InlineData("jobs", "delete", "", "--force")]
    [InlineData("jobs", "dlq", "discard", "j", "..", "--force")]
    [InlineData("jobs", "triggers", "delete", "j", "", "--force")]
    [InlineData("functions", "delete", "", "--force")]
    [InlineData("secrets", "delete", "", "--force")]
    [InlineData("secrets", "delete", "jobs/../x", "--force")]
    public async Task An_empty_name_or_dots_would_name_the_collection_and_are_refused(params string[] args)
    {
        using var shell = new Shell(api);
        var ended = await shell.Run(args);
        Assert.Equal(2, ended.Exit);
        Assert.Empty(api.Requests);
    }
}
