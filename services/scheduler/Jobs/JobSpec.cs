namespace ReactorJobs.Scheduler.Jobs;

// The shapes of request bodies, for the API's description only: bodies are read field by field, in either spelling, so that every
// mistake is named at once.

public sealed record JobSpec(
    string? Id, string? Name, string? Handler, string? FunctionName, string? DisplayName, RetrySpec? Retry, int? Retries, BackoffSpec? RetryBackoff,
    long? TimeoutMs, int? MaxConcurrency, int? RetentionDays, bool? Paused, IReadOnlyList<TriggerSpec>? Triggers);

public sealed record RetrySpec(int? MaxAttempts, string? Backoff, long? InitialDelayMs, long? MaxDelayMs, double? Multiplier, double? Jitter);

public sealed record BackoffSpec(string? Type, long? InitialMs, long? MaxMs, double? Multiplier, double? Jitter);

public sealed record TriggerSpec(
    string? Kind, string? Type, string? Topic, string? Since,
    string? Schedule, string? Text, string? Timezone, bool? Seconds, object? Payload, object? Priority, string? Misfire, string? MisfireWindow, string? Overlap, string? Jitter,
    string? Table, IReadOnlyList<string>? Events, object? When, string? Database);

public sealed record ManifestSpec(IReadOnlyList<JobSpec> Jobs);

public sealed record StartSpec(object? Payload, DateTimeOffset? RunAt, string? Delay, string? Priority, long? TimeoutMs);

public sealed record CancelSpec(
    IReadOnlyList<string>? Ids, string? JobId, string? Status, string? Trigger, DateTimeOffset? Since, DateTimeOffset? Until, object? Data);

public sealed record RetryRunSpec(string? From);

public sealed record RetryLettersSpec(IReadOnlyList<string>? Ids, bool? All, DateTimeOffset? Since, DateTimeOffset? Until, string? From);
