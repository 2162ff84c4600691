using System.Security.Cryptography;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>A manual trigger as callers send it: <c>payload</c>, <c>run_at</c> or <c>delay</c>, <c>priority</c>, <c>timeout_ms</c>.</summary>
public sealed record RunRequest(RawJson Payload, DateTimeOffset? RunAt, short Priority, long? TimeoutMs)
{
    public const int LongestKey = 256;

    public static RunRequest Read(Fields fields, SchedulerOptions options, DateTimeOffset now)
    {
        var payload = fields.Payload("payload") ?? RawJson.Null;
        var runAt = fields.Time("run_at");
        if (fields.Duration("delay") is { } delay)
        {
            if (runAt is not null)
                fields.Wrong("delay", "cannot stand beside run_at");
            runAt = now + delay;
        }

        return new(payload, runAt, ReadPriority(fields), fields.Integer("timeout_ms", 1, (long)options.MaxTimeout.TotalMilliseconds));
    }

    /// <summary>A name or a number.</summary>
    public static short ReadPriority(Fields fields)
    {
        if (fields.Element("priority") is not { } element || element.ValueKind == JsonValueKind.Null)
            return 0;
        if (RequestBody.TextOf(element) is { } text && Priorities.Parse(text) is { } named)
            return named;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt16(out var number) && number is >= -Priorities.Most and <= Priorities.Most)
            return number;
        fields.Wrong("priority", "must be low, normal, medium, high, critical or a whole number from -100 to 100");
        return 0;
    }

    /// <summary>A key says which request it stands for: the same key with another payload is a mistake of the caller's.</summary>
    public byte[] Fingerprint() => SHA256.HashData(Payload.Utf8.Span);

    public AcceptItem Accept(string orgId, string job, IdSource ids, string? idempotencyKey)
    {
        var id = ids.NewRun();
        return new(
            new(orgId, job), new(orgId, id),
            found => new AcceptRun(orgId, id, found, Payload, RunTrigger.Manual) { RunAt = RunAt, Priority = Priority, TimeoutMs = TimeoutMs },
            idempotencyKey, idempotencyKey is null ? null : Fingerprint(), mayWait: RunAt is not null);
    }
}
