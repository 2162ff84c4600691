using System.Text.RegularExpressions;

namespace ReactorJobs.Ingress.Webhooks;

/// <summary>Where the hooks with a path are: <c>/hooks/stripe</c> of the default org at <c>/jobs/v1/hooks/stripe</c>, of another at <c>/jobs/v1/hooks/@org/stripe</c>.</summary>
public static partial class HookPath
{
    const string Root = "/hooks/";

    /// <summary>The path as its trigger says it, and the org where one is named; null when no trigger can have it.</summary>
    public static (string? Org, string Path)? Read(string below)
    {
        var match = Form().Match(below);
        return match.Success ? (match.Groups["org"] is { Success: true } org ? org.Value : null, Root + match.Groups["path"].Value) : null;
    }

    public static string Address(string org, string path, string? defaultOrg) => "/jobs/v1" + (org == defaultOrg ? path : $"{Root}@{org}/{path[Root.Length..]}");

    [GeneratedRegex(@"^(?:@(?<org>[a-z0-9][a-z0-9_-]{0,62})/)?(?<path>[A-Za-z0-9][A-Za-z0-9._~/-]{0,199})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
