using ReactorJobs.Hosting;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>What a document of a manifest is about: <c>/resources/components/{id}</c> or <c>/resources/job-definitions/{id}</c>.</summary>
public readonly record struct ResourceUri(string Kind, string Id)
{
    public const string Components = "components";
    public const string Definitions = "job-definitions";

    const string Root = "/resources/";

    /// <summary>Nobody has meant a kind of resource by a longer word.</summary>
    const int LongestShown = 40;

    static readonly string[] Kinds = [Components, Definitions];

    public override string ToString() => $"{Root}{Kind}/{Id}";

    /// <summary>Reads one; or says why it is none.</summary>
    public static (ResourceUri Uri, string? Fault) Parse(string text)
    {
        var known = string.Join(" and ", Kinds.Select(kind => $"{Root}{kind}/{{id}}"));
        if (!text.StartsWith(Root, StringComparison.Ordinal) || text[Root.Length..].Split('/', 2) is not [var kind, { Length: > 0 } segment])
            return (default, $"must be one of {known}");
        var uri = new ResourceUri(kind, HandlerName.InPath(segment));
        return kind switch
        {
            Components => (uri, ComponentFault(uri.Id)),
            Definitions => (uri, JobName.Fault(uri.Id)),
            { Length: > LongestShown } => (default, $"must be one of {known}"),
            _ => (default, $"\"{kind}\" is not known{(Kinds.FirstOrDefault(x => Spelling.Near(kind, x)) is { } near ? $"; did you mean {near}?" : "")}: there are {known}"),
        };
    }

    /// <summary>Why the id cannot be a component's, or null.</summary>
    public static string? ComponentFault(string id) => !HandlerName.Fits(id) ? HandlerName.Rule : Capacity.IsUrl(id) ? "must not be an http(s) URL" : null;
}
