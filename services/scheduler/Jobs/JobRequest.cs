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
    public const int MostConcurrency = 1_000_000;
    public const int MostRetentionDays = 36_500;
    public const int MostTriggers = 100;
    public const int MostJobs = 1_000;
    public const int LongestUrl = 2048;
    public const long LongestDelayMs = 30L * 24 * 3600 * 1000;

    const string InvalidManifest = "invalid_manifest";

    /// <summary>Names the schema for an editor, and means nothing here.</summary>
    public const string Schema = "$schema";

    /// <summary>The names under which a job may say what handles it.</summary>
    public static readonly string[] HandlerFields = ["handler", "function_name", "function"];

    public static JobRequest Read(Fields fields, string orgId, SchedulerOptions options, DateTimeOffset now)
    {
        fields.String(Schema);
        var id = fields.String("id");
        var name = fields.String("name", required: id is null);
        var shown = fields.String("display_name");
        var job = new Job
        {
            OrgId = orgId,
            Name = id ?? name ?? "",
            DisplayName = id is null ? shown : name ?? shown,
            Handler = Handler(fields),
            Retry = Retry(fields, options),
            TimeoutMs = fields.Integer("timeout_ms", 1, (long)options.MaxTimeout.TotalMilliseconds) ?? (long)options.DefaultTimeout.TotalMilliseconds,
            MaxConcurrency = (int)(fields.Integer("max_concurrency", 1, MostConcurrency) ?? options.DefaultMaxConcurrency),
            RetentionDays = (int)(fields.Integer("retention_days", 1, MostRetentionDays) ?? options.RetentionDays),
            Paused = fields.Boolean("paused") ?? false,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if ((id ?? name) is { } given && JobName.Fault(given) is { } fault)
            fields.Wrong(id is null ? "name" : "id", fault);
        var triggers = fields.Array("triggers", MostTriggers, TriggerRequest.Read); // where one is wrong, Done refuses them all
        fields.NoOthers();
        return new(job, triggers?.OfType<TriggerRequest>().ToArray());
    }

    /// <summary>The fields that a change names over those the job has.</summary>
    public static Job Change(Job job, Fields fields, SchedulerOptions options, DateTimeOffset now)
    {
        var renamed = HandlerFields.Count(fields.Has) > 0;
        if (renamed && job.ComponentId is not null)
            fields.Wrong(HandlerFields.First(fields.Has), "is that of the definition's component: change it under /resources");
        var changed = job with
        {
            DisplayName = fields.Has("display_name") ? fields.String("display_name") : job.DisplayName,
            Handler = renamed ? Handler(fields) : job.Handler,
            Retry = fields.Has("retry") || fields.Has("retries") || fields.Has("retry_backoff") ? Retry(fields, options) : job.Retry,
            TimeoutMs = fields.Integer("timeout_ms", 1, (long)options.MaxTimeout.TotalMilliseconds) ?? job.TimeoutMs,
            MaxConcurrency = (int)(fields.Integer("max_concurrency", 1, MostConcurrency) ?? job.MaxConcurrency),
            RetentionDays = (int)(fields.Integer("retention_days", 1, MostRetentionDays) ?? job.RetentionDays),
            Paused = fields.Boolean("paused") ?? job.Paused,
        };
        fields.Done();
        return changed.IsSameAs(job) ? job : changed with { UpdatedAt = now };
    }

    static string Handler(Fields fields)
    {
        var given = HandlerFields.Where(fields.Has).ToArray();
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

    internal static bool IsHandler(string handler) => Capacity.IsUrl(handler)
        ? handler.Length <= LongestUrl && Uri.TryCreate(handler, UriKind.Absolute, out var url) && url.UserInfo.Length == 0
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
        return policy with
        {
            Backoff = fields.OneOf(type, false, RetryPolicy.Exponential, RetryPolicy.Linear) ?? policy.Backoff,
            InitialMs = fields.Integer(initial, 0, LongestDelayMs) ?? policy.InitialMs,
            MaxMs = fields.Integer(most, 0, LongestDelayMs) ?? policy.MaxMs,
            Multiplier = fields.Number("multiplier", 1, 100) ?? policy.Multiplier,
            Jitter = fields.Number("jitter", 0, 1) ?? policy.Jitter,
        };
    }

    /// <summary>The R-guide manifest (<c>{"jobs": [...]}</c>), or one job.</summary>
    public static IReadOnlyList<JobRequest> ReadManifest(byte[] text, string orgId, SchedulerOptions options, DateTimeOffset now)
    {
        var root = RequestBody.Parse(text, InvalidManifest);
        if (root.ValueKind != JsonValueKind.Object)
            throw new ProblemException(Problem.Invalid("", "must be a JSON object") with { Code = InvalidManifest });
        var fields = new Fields(root, "", text: text);
        if (!fields.Has("jobs"))
        {
            var one = Read(fields, orgId, options, now);
            fields.Done(InvalidManifest);
            return [one];
        }

        fields.String(Schema);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var requests = fields.Array("jobs", MostJobs, (element, at, parent) =>
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
        fields.Done(InvalidManifest);
        return [.. requests!.Select(request => request!)];
    }
}
