using System.Text.Json;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>
/// A job as callers describe it, in both spellings of the sources: <c>retry.{maxAttempts, backoff, initialDelayMs, maxDelayMs}</c> and
/// <c>retries</c> with <c>retry_backoff.{type, initial_ms, max_ms, multiplier}</c>.
/// </summary>
public sealed record JobRequest(Job Job, IReadOnlyList<TriggerRequest>? Triggers)
{
    public static JobRequest Read(Fields fields, string orgId, SchedulerOptions options, DateTimeOffset now)
    {
        var id = fields.String("id");
        var name = fields.String("name", required: id is null);
        var job = new Job
        {
            OrgId = orgId,
            Name = id ?? name ?? "",
            DisplayName = id is null ? fields.String("display_name") : name ?? fields.String("display_name"),
            Handler = Handler(fields),
            Retry = Retry(fields, options),
            TimeoutMs = fields.Integer("timeout_ms", 1, (long)options.MaxTimeout.TotalMilliseconds) ?? (long)options.DefaultTimeout.TotalMilliseconds,
            MaxConcurrency = (int)(fields.Integer("max_concurrency", 1, 1_000_000) ?? options.DefaultMaxConcurrency),
            RetentionDays = (int)(fields.Integer("retention_days", 1, 36_500) ?? options.RetentionDays),
            Paused = fields.Boolean("paused") ?? false,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if ((id ?? name) is { } given && JobName.Fault(given) is { } fault)
            fields.Wrong(id is null ? "name" : "id", fault);
        var triggers = fields.Array("triggers", 100, TriggerRequest.Read);
        fields.NoOthers();
        return new(job, triggers);
    }

    /// <summary>The fields that a change names over those the job has.</summary>
    public static Job Change(Job job, Fields fields, SchedulerOptions options, DateTimeOffset now)
    {
        var renamed = fields.Has("handler") || fields.Has("function_name") || fields.Has("function");
        var changed = job with
        {
            DisplayName = fields.Has("display_name") ? fields.String("display_name") : job.DisplayName,
            Handler = renamed ? Handler(fields) : job.Handler,
            Retry = fields.Has("retry") || fields.Has("retries") || fields.Has("retry_backoff") ? Retry(fields, options) : job.Retry,
            TimeoutMs = fields.Integer("timeout_ms", 1, (long)options.MaxTimeout.TotalMilliseconds) ?? job.TimeoutMs,
            MaxConcurrency = (int)(fields.Integer("max_concurrency", 1, 1_000_000) ?? job.MaxConcurrency),
            RetentionDays = (int)(fields.Integer("retention_days", 1, 36_500) ?? job.RetentionDays),
            Paused = fields.Boolean("paused") ?? job.Paused,
        };
        fields.Done();
        return changed.IsSameAs(job) ? job : changed with { UpdatedAt = now };
    }

    static string Handler(Fields fields)
    {
        var given = new[] { "handler", "function_name", "function" }.Where(fields.Has).ToArray();
        if (given.Length > 1)
            fields.Wrong(given[1], $"names the handler a second time, beside {given[0]}");
        var field = given.FirstOrDefault() ?? "handler";
        var handler = fields.String(field, required: given.Length > 0);
        foreach (var other in given.Skip(1))
            fields.Element(other);
        if (given.Length == 0)
            fields.Wrong("handler", "is required (or function_name): a worker's handler, a function, or an http(s) URL");
        else if (handler is not null && !IsHandler(handler))
            fields.Wrong(field, $"{JobName.Rule}, or be an http(s) URL");
        return handler ?? "";
    }

    static bool IsHandler(string handler) => Capacity.IsUrl(handler)
        ? handler.Length <= 2048 && Uri.TryCreate(handler, UriKind.Absolute, out var url) && url.UserInfo.Length == 0
        : JobName.Fault(handler) is null or not JobName.Rule;

    static RetryPolicy Retry(Fields fields, SchedulerOptions options)
    {
        var policy = RetryPolicy.Default(options.DefaultMaxAttempts);
        if (fields.Integer("retries", 0, RetryPolicy.MostAttempts - 1) is { } retries)
            policy = policy with { MaxAttempts = (int)retries + 1 };
        if (fields.Object("retry_backoff") is { } backoff)
        {
            policy = Backoff(policy, backoff, "type", "initial_ms", "max_ms");
            backoff.NoOthers();
        }

        if (fields.Object("retry") is { } retry)
        {
            if (retry.Integer("max_attempts", 1, RetryPolicy.MostAttempts) is { } attempts)
                policy = policy with { MaxAttempts = (int)attempts };
            policy = Backoff(policy, retry, "backoff", "initial_delay_ms", "max_delay_ms");
            retry.NoOthers();
        }

        if (policy.MaxMs < policy.InitialMs)
            policy = policy with { MaxMs = policy.InitialMs };
        return policy;
    }

    static RetryPolicy Backoff(RetryPolicy policy, Fields fields, string type, string initial, string most)
    {
        const long longest = 30L * 24 * 3600 * 1000;
        return policy with
        {
            Backoff = fields.OneOf(type, false, RetryPolicy.Exponential, RetryPolicy.Linear) ?? policy.Backoff,
            InitialMs = fields.Integer(initial, 0, longest) ?? policy.InitialMs,
            MaxMs = fields.Integer(most, 0, longest) ?? policy.MaxMs,
            Multiplier = fields.Number("multiplier", 1, 100) ?? policy.Multiplier,
            Jitter = fields.Number("jitter", 0, 1) ?? policy.Jitter,
        };
    }

    /// <summary>The R-guide manifest (<c>{"jobs": [...]}</c>), or one job.</summary>
    public static IReadOnlyList<JobRequest> ReadManifest(JsonElement root, string orgId, SchedulerOptions options, DateTimeOffset now)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new ProblemException(Problem.Invalid("", "must be a JSON object") with { Code = "invalid_manifest" });
        var fields = new Fields(root, "");
        if (!fields.Has("jobs"))
        {
            var one = Read(fields, orgId, options, now);
            fields.Done("invalid_manifest");
            return [one];
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var requests = fields.Array("jobs", 1000, (element, at, parent) =>
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                parent.Wrong($"jobs/{at[(at.LastIndexOf('/') + 1)..]}", "must be an object");
                return null;
            }

            var request = Read(new Fields(element, at, parent), orgId, options, now);
            if (!names.Add(request.Job.Name))
                parent.Wrong($"jobs/{at[(at.LastIndexOf('/') + 1)..]}", $"defines {request.Job.Name} a second time");
            return request;
        });
        if (requests is null)
            fields.Wrong("jobs", "must be an array of jobs");
        fields.Done("invalid_manifest");
        return [.. requests!.Select(request => request!)];
    }
}
