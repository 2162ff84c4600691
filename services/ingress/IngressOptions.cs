using ReactorJobs.Hosting.Configuration;

namespace ReactorJobs.Ingress;

/// <summary>Settings of the ingress.</summary>
public sealed record IngressOptions
{
    /// <summary>Requests that an org may make per second, over all its tokens; as many may come at once. 0 is no limit.</summary>
    public int RequestsPerSecond { get; init; } = 10_000;

    /// <summary>Whose paths of webhooks need no name; null is the org that was made first.</summary>
    public string? DefaultOrg { get; init; }

    /// <summary>Checks webhooks whose triggers name no secret.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>What the installation's settings say, and defaults for the rest.</summary>
    public static IngressOptions From(JobsSettings jobs) => new()
    {
        RequestsPerSecond = jobs.MaxOrgRequestsPerSecond,
        DefaultOrg = jobs.DefaultOrg,
        WebhookSecret = string.IsNullOrEmpty(jobs.WebhookSecret) ? null : jobs.WebhookSecret,
    };
}
