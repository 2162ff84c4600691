namespace ReactorJobs.Tests.Cli;

public sealed class Output_has_three_forms : IAsyncLifetime
{
    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("jobs list", Samples.Job, "NAME           RUNS           STATUS  ATTEMPTS  TIMEOUT  CONCURRENCY  TRIGGERS  CREATED\nprocess-order  process-order  active         3  10m                5  event     1h ago\n", "process-order")]
    [InlineData("jobs runs list", Samples.Pending, "ID     JOB            STATUS   ATTEMPT  TRIGGER  CREATED  DURATION\nrun_1  process-order  pending  0/3      manual   12s ago         -\n", "run_1")]
    [InlineData("jobs dlq list j", Samples.DeadLetter, "ID     RUN    STATUS  ATTEMPTS  CREATED  ERROR\ndlq_1  run_3  open           3  5m ago   PaymentError: declined\n", "dlq_1")]
    [InlineData("events list", Samples.Event, "ID     TOPIC          STATUS      CREATED  PAYLOAD\nevt_1  order.created  unconsumed  1m ago   {\"orderId\":\"ord_1\"}\n", "evt_1")]
    [InlineData("jobs triggers list j", """{"id":"trg_1","kind":"event","topic":"a.b","created_at":"2026-03-01T10:00:00Z"}""", "ID     KIND   STARTS ON  STATUS  NEXT  CREATED\ntrg_1  event  a.b        active  -     2h ago\n", "trg_1")]
    [InlineData("jobs triggers list j", """{"id":"trg_1","kind":"cron","schedule":"0 9 * * *","timezone":"Europe/Vienna","paused":false,"next_fire_at":"2026-03-01T13:00:00.000Z","created_at":"2026-03-01T10:00:00Z"}""", "ID     KIND  STARTS ON                  STATUS  NEXT   CREATED\ntrg_1  cron  0 9 * * * (Europe/Vienna)  active  in 1h  2h ago\n", "trg_1")]
    [InlineData("jobs triggers fires j trg_1", """{"nominal_at":"2026-03-01T11:00:00.000Z","outcome":"caught_up","run_id":"run_1","reason":"5 min late"}""", "TIME                      OUTCOME    RUN    REASON\n2026-03-01T11:00:00.000Z  caught_up  run_1  5 min late\n", "run_1")]
    [InlineData("jobs triggers deliveries j trg_1", """{"id":"whd_1","received_at":"2026-03-01T10:00:00Z","verdict":"signature_invalid","reason":"too_old","status":401,"run_id":null,"delivery_id":null,"size":7}""", "ID     RECEIVED  VERDICT                      STATUS  RUN  SIZE  DELIVERY\nwhd_1  2h ago    signature_invalid (too_old)  401     -       7  -\n", "whd_1")]
    [InlineData("functions list", Samples.Function, "NAME           RUNTIME  LIVE  NETWORK  ENV  SECRETS  UPDATED\nprocess-order  bun         3  none       1        1  1h ago\n", "process-order")]
    [InlineData("secrets list", """{"path":"jobs/api_key","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}""", "PATH          CREATED  UPDATED\njobs/api_key  2h ago   1h ago\n", "jobs/api_key")]
    public async Task Of_a_list(string command, string item, string table, string id)
    {
        var list = $"[ {item.Trim()} ]";
        using var shell = new Shell(api);

        api.Answers(list).Answers(list).Answers(list).Answers("[]").Answers("[]").Answers("[]");
        Assert.Equal(table, (await shell.Run(command.Split(' '))).Out);
        Assert.Equal(list + "\n", (await shell.Run([.. command.Split(' '), "-o", "json"])).Out);
        Assert.Equal(id + "\n", (await shell.Run([.. command.Split(' '), "-o", "ids"])).Out);

        Assert.StartsWith("no ", (await shell.Run(command.Split(' '))).Out, StringComparison.Ordinal);
        Assert.Equal("[]\n", (await shell.Run([.. command.Split(' '), "-o", "json"])).Out);
        Assert.Equal("", (await shell.Run([.. command.Split(' '), "-o", "ids"])).Out);
    }

    [Theory]
    [InlineData("jobs trigger process-order", Samples.Pending, "run_1  process-order  pending\n", "run_1")]
    [InlineData("jobs runs cancel process-order run_1", """{"id":"run_1","job_id":"process-order","status":"cancelled"}""", "run_1  process-order  cancelled\n", "run_1")]
    [InlineData("jobs dlq retry j dlq_1", """{"id":"run_9","job_id":"j","status":"pending","retry_of":"run_3"}""", "run_9  j  pending  (retry of run_3)\n", "run_9")]
    [InlineData("events emit order.created", Samples.Event, "emitted order.created  evt_1\n", "evt_1")]
    [InlineData("jobs triggers create j --kind webhook", """{"id":"trg_1","kind":"webhook","url":"http://localhost:8000/jobs/v1/webhooks/whk_x"}""", "trg_1  webhook\n  url  http://localhost:8000/jobs/v1/webhooks/whk_x  (shown only now: keep it)\n", "trg_1")]
    [InlineData("jobs triggers pause j trg_1", """{"id":"trg_1","kind":"cron","paused":true,"schedule":"@daily","timezone":"UTC","description":"every day at 00:00, UTC","misfire":"last","misfire_window":"1d","overlap":"skip","jitter":"0ms"}""", "trg_1  cron\n  schedule  @daily\n  timezone  UTC\n  fires     every day at 00:00, UTC\n  misfire   last, within 1d\n  overlap   skip\n  status    paused\n", "trg_1")]
    [InlineData("jobs triggers fire j trg_1", Samples.Pending, "run_1  process-order  pending\n", "run_1")]
    [InlineData("jobs triggers create j --kind webhook --path /hooks/x --verify stripe", """{"id":"trg_1","kind":"webhook","path":"/hooks/x","methods":["POST"],"verify":{"type":"stripe","header":"stripe-signature"},"url":"http://h/jobs/v1/hooks/x"}""", "trg_1  webhook\n  path     /hooks/x\n  methods  POST\n  verify   stripe in stripe-signature\n  url      http://h/jobs/v1/hooks/x\n", "trg_1")]
    [InlineData("jobs triggers redeliver j trg_1 whd_1", """{"run_id":"run_9"}""", "run_9\n", "run_9")]
    [InlineData("functions promote process-order --version 3", Samples.Function, "process-order: version 3 is live\n", "process-order")]
    [InlineData("secrets set jobs/api_key --value v", """{"path":"jobs/api_key"}""", "changed jobs/api_key\n", "jobs/api_key")]
    public async Task Of_one_thing(string command, string answer, string table, string id)
    {
        using var shell = new Shell(api);
        api.Answers(answer, 202).Answers(answer, 202).Answers(answer, 202);
        Assert.Equal(table, (await shell.Run(command.Split(' '))).Out);
        Assert.Equal(answer + "\n", (await shell.Run([.. command.Split(' '), "-o", "json"])).Out);
        Assert.Equal(id + "\n", (await shell.Run([.. command.Split(' '), "-o", "ids"])).Out);
    }

    [Fact]
    public async Task A_preview_is_told_in_words_and_times()
    {
        api.Answers("""{"description":"every hour, UTC","fires":[{"at":"2026-03-01T13:00:00.000Z","local":"2026-03-01T13:00:00+00:00","note":null},{"at":"2026-03-01T14:00:00.000Z","local":"2026-03-01T14:00:00+00:00","note":"moved"}]}""");
        using var shell = new Shell(api);
        Assert.Equal("""
            every hour, UTC
            AT                        LOCAL                             NOTE
            2026-03-01T13:00:00.000Z  2026-03-01T13:00:00+00:00  in 1h
            2026-03-01T14:00:00.000Z  2026-03-01T14:00:00+00:00  in 2h  moved

            """, (await shell.Run("jobs", "triggers", "preview", "--schedule", "@hourly")).Out);
    }

    [Fact]
    public async Task A_job_is_shown_with_its_limits_and_triggers()
    {
        api.Answers(Samples.Job, 201);
        using var shell = new Shell(api);
        Assert.Equal("""
            created
            process-order  active
              runs         process-order
              attempts     3
              backoff      exponential, 1s to 1m
              timeout      10m
              concurrency  5
              created      2026-03-01T11:00:00.000Z (1h ago)

            ID     KIND   STARTS ON      STATUS  NEXT  CREATED
            trg_1  event  order.created  active  -     -

            """, (await shell.Run("jobs", "create", "process-order", "--function", "process-order")).Out);
    }

    [Fact]
    public async Task A_function_is_shown_with_its_versions_and_the_live_one_marked()
    {
        api.Answers(Samples.FunctionWithVersions);
        using var shell = new Shell(api);
        Assert.Equal("""
            process-order  version 3 live
              runtime  bun
              network  none
              env      LOG_LEVEL=debug
              secrets  API_KEY
              created  2026-03-01T10:00:00.000Z (2h ago)
              updated  2026-03-01T11:00:00.000Z (1h ago)

            VERSION  LIVE  ENTRY          FILES     SIZE  DEPLOYED  BY   ID
                  4        code/index.ts      3  1.2 KiB  1m ago    dev  dep_4
                  3  live  code/index.ts      3  1.1 KiB  1h ago    dev  dep_3
                  1        code/index.ts      2    512 B  2h ago    dev  dep_1

            """, (await shell.Run("functions", "get", "process-order")).Out);
    }

    [Fact]
    public async Task Of_something_deleted_the_id_is_what_remains()
    {
        using var shell = new Shell(api);
        api.Answers("", 204).Answers("", 204).Answers("", 204);
        Assert.Equal("deleted j\n", (await shell.Run("jobs", "delete", "j", "--force")).Out);
        Assert.Equal("j\n", (await shell.Run("jobs", "delete", "j", "--force", "-o", "ids")).Out);
        Assert.Equal("", (await shell.Run("jobs", "delete", "j", "--force", "-o", "json")).Out);
    }

    [Fact]
    public async Task A_list_that_goes_on_says_so_on_standard_error()
    {
        api.Answers("[]", 200, ("Link", """</jobs/v1/runs?limit=1>; rel="first", </jobs/v1/runs?limit=1&cursor=c%2B2>; rel="next" """));
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "runs", "list", "-o", "json");
        Assert.Equal("there is more: --cursor c+2\n", ended.Error);
        Assert.Equal("[]\n", ended.Out);
    }

    [Fact]
    public async Task Only_a_terminal_gets_colours_and_indented_json()
    {
        api.Answers(Samples.Pending).Answers(Samples.Pending).Answers(Samples.Pending);
        using var terminal = new Shell(api) { IsTerminal = true };
        using var noColor = new Shell(api) { IsTerminal = true, NoColor = true };
        Assert.Contains("\e[2mpending\e[0m", (await terminal.Run("jobs", "trigger", "j")).Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", (await noColor.Run("jobs", "trigger", "j")).Out, StringComparison.Ordinal);
        Assert.StartsWith("{\n  \"id\": \"run_1\",\n", (await terminal.Run("jobs", "trigger", "j", "-o", "json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_narrow_terminal_cuts_errors_but_never_ids()
    {
        api.Answers($"[{Samples.DeadLetter}]");
        using var shell = new Shell(api) { Width = 60 };
        Assert.Equal(
            "ID     RUN    STATUS  ATTEMPTS  CREATED  ERROR\ndlq_1  run_3  open           3  5m ago   PaymentError: decl…\n",
            (await shell.Run("jobs", "dlq", "list", "j")).Out);
    }
}
