using System.Text.Json;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>A run as its row, in one order of columns that reading and inserting share.</summary>
static class RunRow
{
    public const string Columns =
        "org_id, id, job, handler, status, epoch, attempt, max_attempts, losses, priority, timeout_ms, trigger_kind, trigger_id, trigger_detail, " +
        "payload, result, error, created_at, run_at, due, queued_at, wake_at, started_at, completed_at, executor, dispatched_at, retry_of, shares_checkpoints";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static string Prefixed(string alias) => string.Join(", ", Columns.Split(", ").Select(column => $"{alias}.{column}"));

    public static Run Read(NpgsqlDataReader row, int at = 0) => new()
    {
        OrgId = row.GetString(at),
        CorrelationId = row.GetGuid(at + 1),
        Job = row.GetString(at + 2),
        Handler = row.GetString(at + 3),
        CurrentState = RunStatus.State(row.GetString(at + 4)),
        Epoch = row.GetInt32(at + 5),
        Attempt = row.GetInt32(at + 6),
        MaxAttempts = row.GetInt32(at + 7),
        Losses = row.GetInt32(at + 8),
        Priority = row.GetInt16(at + 9),
        TimeoutMs = row.GetInt64(at + 10),
        Trigger = new(row.GetString(at + 11), row.IsDBNull(at + 12) ? null : row.GetString(at + 12), row.IsDBNull(at + 13) ? default : RawJson.Trusted(row.GetString(at + 13))),
        Payload = RawJson.Trusted(row.GetString(at + 14)),
        Result = row.IsDBNull(at + 15) ? null : RawJson.Trusted(row.GetString(at + 15)),
        Error = row.IsDBNull(at + 16) ? null : Error(row.GetString(at + 16)),
        CreatedAt = Time(row, at + 17)!.Value,
        RunAt = Time(row, at + 18)!.Value,
        Due = row.GetBoolean(at + 19),
        QueuedAt = Time(row, at + 20)!.Value,
        WakeAt = Time(row, at + 21),
        StartedAt = Time(row, at + 22),
        CompletedAt = Time(row, at + 23),
        Executor = row.IsDBNull(at + 24) ? null : row.GetGuid(at + 24),
        DispatchedAt = Time(row, at + 25),
        RetryOf = row.IsDBNull(at + 26) ? null : new RunId(row.GetGuid(at + 26)),
        SharesCheckpoints = row.GetBoolean(at + 27),
    };

    public static DateTimeOffset? Time(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : new(row.GetDateTime(at), TimeSpan.Zero);

    public static RunError Error(string text) => JsonSerializer.Deserialize<RunError>(text, Json)!;

    public static string? Text(RunError? error) => error is null ? null : JsonSerializer.Serialize(error, Json);
}
