namespace ReactorJobs.Hosting.Configuration;

/// <summary>
/// Everything that <c>Reactor.toml</c> may say: a record per section. Reading, checking and <c>docs/configuration.md</c> come from what is
/// written here.
/// </summary>
public sealed record ReactorSettings
{
    public JobsSettings Jobs { get; init; } = new();

    public FunctionsSettings Functions { get; init; } = new();

    public DataSettings Data { get; init; } = new();

    public IReadOnlyList<WatchedDatabaseSettings> WatchedDatabases { get; init; } = [];

    public SecretsSettings Secrets { get; init; } = new();

    public SuiteSettings Suite { get; init; } = new();
}

[SettingsSection("jobs", "How jobs run.")]
public sealed record JobsSettings
{
    const int Week = 7 * 24 * 60 * 60 * 1000;

    [Setting("worker_count", "How many runs of deployed functions an executor works on at once. Workers and HTTP handlers have slots of their own.", Least = 1, Most = 1024)]
    public int WorkerCount { get; init; } = 4;

    [Setting("http_slots", "How many runs of handlers behind a URL an executor works on at once; 0 leaves them to other executors.", Least = 0, Most = 100_000)]
    public int HttpSlots { get; init; } = 100;

    [Setting("scheduler_interval_ms", "How often the scheduler looks for what has stalled. Timers and triggers do not wait for it.", Unit = "ms", Least = 100, Most = 60_000)]
    public int SchedulerIntervalMs { get; init; } = 1_000;

    [Setting("default_timeout_ms", "How long an attempt may take where its job names no time.", Unit = "ms", Least = 1, Most = Week, NotAbove = "max_timeout_ms")]
    public int DefaultTimeoutMs { get; init; } = 600_000;

    [Setting("max_timeout_ms", "The longest time that a job or a trigger may name.", Unit = "ms", Least = 1, Most = Week)]
    public int MaxTimeoutMs { get; init; } = 3_600_000;

    [Setting("default_max_attempts", "How often a run is attempted where its job names no number.", Least = 1, Most = 1_000)]
    public int DefaultMaxAttempts { get; init; } = 3;

    [Setting("default_max_concurrency", "How many runs of a job may be under way at once where the job names no number.", Least = 1, Most = 1_000_000)]
    public int DefaultMaxConcurrency { get; init; } = 10;

    [Setting("max_org_concurrent_runs", "How many runs of one org may be under way at once, over all its jobs; what is above waits.", Least = 1, Most = 1_000_000, Absent = "no limit")]
    public int? MaxOrgConcurrentRuns { get; init; }

    [Setting("priority_wait_ms", "How long a run of priority low waits at most for critical ones that come later; others by as much as their priorities are closer.", Unit = "ms", Least = 0, Most = Week)]
    public int PriorityWaitMs { get; init; } = 1_800_000;

    [Setting("max_org_requests_per_second", "How many requests an org may make per second, over all its tokens; 0 is no limit.", Least = 0, Most = 1_000_000)]
    public int MaxOrgRequestsPerSecond { get; init; } = 10_000;

    [Setting("retention_days", "How long a finished run is kept where its job names no time.", Unit = "days", Least = 1, Most = 36_500)]
    public int RetentionDays { get; init; } = 30;

    [Setting("event_retention_days", "How long an event is kept with its deliveries.", Unit = "days", Least = 1, Most = 36_500)]
    public int EventRetentionDays { get; init; } = 30;

    [Setting("webhook_secret", "Checks the signature of a webhook whose trigger names no secret of its own.", Hidden = true, Absent = "none")]
    public string? WebhookSecret { get; init; }

    [Setting("default_org", "The org whose webhooks with a path are called without its name.", Absent = "the one made first")]
    public string? DefaultOrg { get; init; }

    [Setting("public_url", "Where handlers behind a URL reach this installation.", Form = SettingForm.WebAddress, Absent = "the address that is listened on")]
    public string? PublicUrl { get; init; }
}

[SettingsSection("jobs.functions", "How deployed functions run, here or in another installation.")]
public sealed record FunctionsSettings
{
    [Setting("url", "The address of another installation that keeps and runs the functions; then none run here, and the settings below are for nothing.", Form = SettingForm.WebAddress, Absent = "they run here")]
    public string? Url { get; init; }

    [Setting("api_key", "The token that is shown to it.", Hidden = true, Absent = "none")]
    public string? ApiKey { get; init; }

    [Setting("containment", "`required`: no function runs uncontained; `best_effort`: where bubblewrap does not work, functions run with the suite's own rights.", OneOf = ["required", "best_effort"])]
    public string Containment { get; init; } = "best_effort";

    [Setting("max_processes", "How many processes one version of a function has at most.", Least = 1, Most = 1_000, Absent = "the machine's cores, at most `worker_count`")]
    public int? MaxProcesses { get; init; }

    [Setting("idle_seconds", "After this time without work a process is ended.", Unit = "s", Least = 1, Most = 86_400)]
    public int IdleSeconds { get; init; } = 300;

    [Setting("memory_mb", "What a process and all that it starts may use.", Unit = "MB", Least = 64, Most = 65_536)]
    public int MemoryMb { get; init; } = 512;

    [Setting("tmp_mb", "What a process may write to `/tmp`, which is memory.", Unit = "MB", Least = 1, Most = 16_384)]
    public int TmpMb { get; init; } = 64;

    [Setting("cpu_percent", "Processor time of a process, in percent of one core.", Unit = "%", Least = 10, Most = 100_000)]
    public int CpuPercent { get; init; } = 200;

    [Setting("log_bytes", "What one attempt may log; a line says that the rest is dropped.", Unit = "bytes", Least = 1_024, Most = 67_108_864)]
    public int LogBytes { get; init; } = 1_048_576;

    [Setting("bun", "The program `bun`.", Absent = "the one on the PATH, or that of the SDK")]
    public string? Bun { get; init; }

    [Setting("node", "The program `node`, version 20 or newer.", Absent = "the one on the PATH")]
    public string? Node { get; init; }
}

[SettingsSection("jobs.data", "The data service that handlers use. Not used yet.")]
public sealed record DataSettings
{
    [Setting("url", "Its address.", Form = SettingForm.WebAddress, Absent = "none")]
    public string? Url { get; init; }

    [Setting("api_key", "The key that is shown to it.", Hidden = true, Absent = "none")]
    public string? ApiKey { get; init; }
}

[SettingsSection("jobs.data.databases.*", "A database whose tables may be watched by triggers of kind `data`, under a name of your own; triggers that name none mean `default`, which under `reactor dev` is the suite's own.")]
public sealed record WatchedDatabaseSettings : NamedSettings
{
    [Setting("connection", "PostgreSQL, as a connection string of Npgsql, for a role with `REPLICATION` that owns the tables.", Form = SettingForm.Connection, Hidden = true, Required = true, Absent = "none; needed")]
    public string? Connection { get; init; }

    [Setting("orgs", "Who may watch it.", Required = true, Absent = "none; needed")]
    public IReadOnlyList<string> Orgs { get; init; } = [];

    [Setting("schemas", "The schemas whose tables may be watched.", Absent = "all but PostgreSQL's and the suite's own")]
    public IReadOnlyList<string> Schemas { get; init; } = [];

    [Setting("warn_wal_mb", "How much write-ahead log the server may keep for us before there is a warning; at most half of its `max_slot_wal_keep_size`.", Unit = "MB", Least = 1, Most = 1_048_576)]
    public int WarnWalMb { get; init; } = 1_024;
}

[SettingsSection("secrets", "How the secrets of orgs are kept.")]
public sealed record SecretsSettings
{
    [Setting("key", "Encrypts the secrets. `head -c 32 /dev/urandom | base64` makes one.", Form = SettingForm.Key, Hidden = true, Absent = "made at the first start, in `secret-key` of the data folder")]
    public string? Key { get; init; }

    [Setting("previous_keys", "Keys that secrets may still be encrypted under: a start encrypts those anew, under `key`.", Form = SettingForm.Key, Hidden = true, Absent = "none")]
    public IReadOnlyList<string> PreviousKeys { get; init; } = [];
}
