using ReactorJobs.Hosting;

namespace ReactorJobs.Scheduler.Targets;

/// <summary>
/// Which handler a target such as <c>ns:fn</c> means, where no job has its name: the export <c>fn</c> of the function <c>ns</c>, whose default export
/// is the function's plain name. Nothing here asks anybody.
/// </summary>
public static class TargetChoice
{
    /// <summary>What a function's default export may be called beside its plain name.</summary>
    public const string Default = ":default";

    const int MostNearest = 3;

    /// <summary>Null where there is no such handler.</summary>
    public static string? HandlerOf(string target, IReadOnlyCollection<string> handlers) =>
        handlers.Contains(target) ? target
        : target.EndsWith(Default, StringComparison.Ordinal) && target[..^Default.Length] is var plain && handlers.Contains(plain) ? plain
        : null;

    /// <summary>What was probably meant: what is spelled much alike, else the other exports of the same function.</summary>
    public static IReadOnlyList<string> Nearest(string target, IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.Ordinal).OrderBy(name => Spelling.Distance(target, name)).ThenBy(name => name, StringComparer.Ordinal).ToArray();
        var near = all.Where(name => Spelling.Near(target, name)).ToArray();
        if (near.Length == 0 && target.IndexOf(':') is > 0 and var colon)
            near = [.. all.Where(name => name.StartsWith(target[..(colon + 1)], StringComparison.Ordinal))];
        return [.. near.Take(MostNearest)];
    }

    /// <summary>A sentence for whoever gave a target that is nothing.</summary>
    public static string Unknown(string target, IReadOnlyList<string> nearest) =>
        $"There is no job and no function's export \"{target}\"{(nearest.Count == 0 ? "." : $"; did you mean {string.Join(" or ", nearest)}?")}";
}
