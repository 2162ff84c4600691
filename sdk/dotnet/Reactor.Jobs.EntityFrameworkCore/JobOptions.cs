using System.Text.Json.Nodes;

namespace Reactor.Jobs.EntityFrameworkCore;

/// <summary>How a run is started, where that is not at once and as its job says.</summary>
public sealed record JobOptions
{
    const int LongestKey = 256;
    static readonly TimeSpan LongestDelay = TimeSpan.FromDays(36_525);

    /// <summary>When the run is due. Null, the default, or a time that is past is at once. Cannot stand beside <see cref="Delay"/>.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>How long after the call the run is due, in whole milliseconds: from 0 to 36,525 days. Null, the default, is at once.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>From -100 to 100; a higher one starts first when places are few. 0 is the default.</summary>
    public int Priority { get; init; }

    /// <summary>How long each attempt may take, in whole milliseconds: at least 1 ms, and at most what the suite allows (1 h by default). Null, the default, is the job's own time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// 1 to 256 characters. The same key for the same job within 24 hours starts nothing more: the id that the later call has returned is then nobody's.
    /// With another payload, saving fails. Null, the default, starts a run in any case.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    internal string? ToJson()
    {
        if (RunAt is not null && Delay is not null)
            throw Wrong(nameof(Delay), $"cannot stand beside {nameof(RunAt)}");
        if (Delay < TimeSpan.Zero || Delay > LongestDelay)
            throw Wrong(nameof(Delay), $"must be from 0 to {LongestDelay.TotalDays:0} days");
        if (Priority is < -100 or > 100)
            throw Wrong(nameof(Priority), "must be from -100 to 100");
        if (Timeout < TimeSpan.FromMilliseconds(1))
            throw Wrong(nameof(Timeout), "must be at least a millisecond");
        if (IdempotencyKey is { Length: 0 or > LongestKey })
            throw Wrong(nameof(IdempotencyKey), $"must have 1 to {LongestKey} characters");

        var json = new JsonObject();
        if (RunAt is { } at)
            json["run_at"] = at.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        if (Delay is { } delay)
            json["delay"] = (long)delay.TotalMilliseconds;
        if (Priority != 0)
            json["priority"] = Priority;
        if (Timeout is { } timeout)
            json["timeout_ms"] = (long)timeout.TotalMilliseconds;
        if (IdempotencyKey is not null)
            json["idempotency_key"] = IdempotencyKey;
        return json.Count == 0 ? null : json.ToJsonString();
    }

    static ArgumentException Wrong(string field, string reason) => new($"{nameof(JobOptions)}.{field} {reason}.", "options");
}
