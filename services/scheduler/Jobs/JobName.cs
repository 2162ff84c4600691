using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>A job's name is its id (http-api).</summary>
public static class JobName
{
    public static readonly string[] Reserved = ["jobs", "runs", "hooks", "webhooks"];

    public const string Rule = HandlerName.Rule;

    /// <summary>Why the name cannot be one, or null.</summary>
    public static string? Fault(string name) =>
        !HandlerName.Fits(name) ? Rule : Reserved.Contains(name) ? $"is reserved ({string.Join(", ", Reserved)})" : null;

    /// <inheritdoc cref="HandlerName.InPath"/>
    public static string InPath(string segment) => HandlerName.InPath(segment);

    public static ProblemException NotFound(string name) => new(Problem.NotFound("job", name));
}
