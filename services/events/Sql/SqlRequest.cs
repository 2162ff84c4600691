using Npgsql;
using ReactorJobs.Contracts;

namespace ReactorJobs.Events.Sql;

/// <summary>A committed call of <c>reactor_jobs.trigger</c> or <c>reactor_jobs.emit</c>.</summary>
/// <param name="Position">Its place among the calls of its session.</param>
/// <param name="Id">The run's or the event's, which the caller was told.</param>
/// <param name="Name">The job, or the topic.</param>
/// <param name="Role">The database role that called.</param>
public sealed record SqlRequest(long Position, string OrgId, string Kind, Guid Id, string Name, RawJson Payload, string Role, DateTimeOffset MadeAt)
{
    public const string Run = "run";
    public const string Event = "event";

    public const string Columns = "position, org_id, kind, id, name, payload, role, made_at, run_at, priority, timeout_ms, idempotency_key";

    public DateTimeOffset? RunAt { get; init; }

    public short Priority { get; init; }

    public long? TimeoutMs { get; init; }

    public string? IdempotencyKey { get; init; }

    public bool IsRun => Kind == Run;

    public EventEmitted ToEvent() => new(OrgId, new(Id), Name, Payload, MadeAt);

    public RunStart ToStart() => new(
        OrgId, new(Id), Name, Payload, new(TriggerKinds.Sql, Detail: RawJson.From(new Dictionary<string, string> { ["role"] = Role })), RunAt, Priority == 0 ? null : Priority, TimeoutMs, IdempotencyKey);

    public static SqlRequest Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), IdOf(row.GetString(2), row.GetString(3)), row.GetString(4), RawJson.Trusted(row.GetString(5)), row.GetString(6),
        row.GetFieldValue<DateTimeOffset>(7))
    {
        RunAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
        Priority = row.GetInt16(9),
        TimeoutMs = row.IsDBNull(10) ? null : row.GetInt64(10),
        IdempotencyKey = row.IsDBNull(11) ? null : row.GetString(11),
    };

    static Guid IdOf(string kind, string text) => Ulid.TryParse(kind == Run ? "run_" : "evt_", text, out var id) ? id : throw new FormatException($"{text} is no id of a call.");
}
