using System.Text.RegularExpressions;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>A job's name is its id (http-api).</summary>
public static partial class JobName
{
    static readonly string[] Reserved = ["jobs", "runs", "hooks", "webhooks"];

    public const string Rule = "must begin with a letter or digit and hold at most 128 of A-Z a-z 0-9 . _ : / -";

    /// <summary>Why the name cannot be one, or null.</summary>
    public static string? Fault(string name) =>
        !Form().IsMatch(name) ? Rule : Reserved.Contains(name) ? $"is reserved ({string.Join(", ", Reserved)})" : null;

    /// <summary>A name in a path, where <c>/</c> is <c>%2F</c>: the server leaves that one escape in place.</summary>
    public static string InPath(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    public static ProblemException NotFound(string name) => new(Problem.NotFound("job", name));

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
