namespace ReactorJobs.Tests.Cli;

/// <summary>Answers as the API gives them (http-api.md).</summary>
static class Samples
{
    public const string Job = """
        {"name":"process-order","function_name":"process-order","retry":{"max_attempts":3,"backoff":"exponential","initial_delay_ms":1000,"max_delay_ms":60000},"timeout_ms":600000,"max_concurrency":5,"paused":false,"triggers":[{"id":"trg_1","kind":"event","topic":"order.created"}],"created_at":"2026-03-01T11:00:00.000Z"}
        """;

    public const string Pending = """{"id":"run_1","job_id":"process-order","status":"pending","attempt":0,"max_attempts":3,"trigger":{"kind":"manual","id":null},"created_at":"2026-03-01T11:59:48.000Z"}""";

    public const string Completed = """
        {"id":"run_1","job_id":"process-order","status":"completed","attempt":2,"max_attempts":3,"priority":"normal","trigger":{"kind":"event","id":"trg_1"},
         "created_at":"2026-03-01T11:59:40.000Z","run_at":"2026-03-01T11:59:40.000Z","started_at":"2026-03-01T11:59:40.100Z","completed_at":"2026-03-01T11:59:50.100Z","duration_ms":10000,
         "payload":{"orderId":"ord_123"},"result":{"success":true,"name":"Zoë"},"error":null,
         "steps":[
          {"name":"follow-up","status":"completed","attempt":2,"started_at":"2026-03-01T11:59:48.100Z","duration_ms":2000,"output":{}},
          {"name":"validate","status":"completed","attempt":1,"started_at":"2026-03-01T11:59:40.100Z","duration_ms":12,"output":{}},
          {"name":"charge","status":"completed","attempt":2,"started_at":"2026-03-01T11:59:42.600Z","duration_ms":2500,"output":{}},
          {"name":"cooling-off","kind":"sleep","status":"completed","attempt":2,"started_at":"2026-03-01T11:59:45.100Z","duration_ms":3000}],
         "attempts":[
          {"number":1,"epoch":1,"worker":"w-1","started_at":"2026-03-01T11:59:40.100Z","ended_at":"2026-03-01T11:59:41.000Z","outcome":"failed","error":{"name":"TypeError","message":"card is undefined"}},
          {"number":2,"epoch":2,"worker":"w-2","started_at":"2026-03-01T11:59:42.500Z","ended_at":"2026-03-01T11:59:50.100Z","outcome":"completed","error":null}],
         "events":[{"topic":"order.processed","id":"evt_1"}]}
        """;

    public const string Sleeping = """
        {"id":"run_2","job_id":"welcome","status":"sleeping","attempt":1,"max_attempts":3,"priority":"high","trigger":{"kind":"manual","id":null},
         "created_at":"2026-03-01T11:00:00.000Z","run_at":"2026-03-02T11:00:01.000Z","started_at":"2026-03-01T11:00:00.000Z","completed_at":null,"duration_ms":null,
         "payload":null,"result":null,"error":null,
         "steps":[
          {"name":"send-welcome","status":"completed","attempt":1,"started_at":"2026-03-01T11:00:00.000Z","duration_ms":1000,"output":{}},
          {"name":"cooling-off","kind":"sleep","status":"running","attempt":1,"started_at":"2026-03-01T11:00:01.000Z","due_at":"2026-03-02T11:00:01.000Z"}],
         "attempts":[]}
        """;

    public const string Failed = """
        {"id":"run_3","job_id":"process-order","status":"failed","attempt":1,"max_attempts":1,"priority":"normal","trigger":{"kind":"manual","id":null},"retry_of":"run_1",
         "created_at":"2026-02-01T10:00:00.000Z","started_at":"2026-02-01T10:00:00.000Z","completed_at":"2026-02-01T10:01:20.000Z","duration_ms":80000,
         "payload":null,"result":null,"error":{"name":"PaymentError","message":"declined\u001b[31m by the bank","code":"card_declined","stack":"PaymentError: declined\u001b[31m by the bank\n    at charge (index.ts:12)\n    at main (index.ts:30)","step":"charge"},
         "steps":[],"attempts":[{"number":1,"epoch":1,"worker":null,"started_at":"2026-02-01T10:00:00.000Z","ended_at":"2026-02-01T10:01:20.000Z","outcome":"failed","error":{"message":"declined by the bank"}}]}
        """;

    public const string DeadLetter =
        """{"id":"dlq_1","job_id":"process-order","run_id":"run_3","error":{"name":"PaymentError","message":"declined"},"created_at":"2026-03-01T11:55:00.000Z","attempts":3,"status":"open"}""";

    public const string Event =
        """{"id":"evt_1","topic":"order.created","payload":{"orderId":"ord_1"},"source_run_id":null,"emitted_at":"2026-03-01T11:59:00.000Z","deliveries":0}""";

    public const string Function =
        """{"name":"process-order","runtime":"bun","live_version":3,"network":false,"env":{"LOG_LEVEL":"debug"},"secrets":["API_KEY"],"created_at":"2026-03-01T10:00:00.000Z","updated_at":"2026-03-01T11:00:00.000Z"}""";

    public const string FunctionWithVersions = """
        {"name":"process-order","runtime":"bun","live_version":3,"network":false,"env":{"LOG_LEVEL":"debug"},"secrets":["API_KEY"],"created_at":"2026-03-01T10:00:00.000Z","updated_at":"2026-03-01T11:00:00.000Z",
         "versions":[
          {"id":"dep_4","version":4,"sha256":"d4","bytes":1229,"files":3,"entry":"code/index.ts","live":false,"runtime":"bun","created_at":"2026-03-01T11:59:00.000Z","created_by":"dev"},
          {"id":"dep_3","version":3,"sha256":"d3","bytes":1126,"files":3,"entry":"code/index.ts","live":true,"runtime":"bun","created_at":"2026-03-01T11:00:00.000Z","created_by":"dev"},
          {"id":"dep_1","version":1,"sha256":"d1","bytes":512,"files":2,"entry":"code/index.ts","live":false,"runtime":"bun","created_at":"2026-03-01T10:00:00.000Z","created_by":"dev"}]}
        """;

    public const string Deployment = """{"id":"dep_3","version":3,"sha256":"d3","bytes":1126,"files":3,"entry":"code/index.ts"}""";
}
