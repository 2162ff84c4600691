using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Docs;

/// <summary>A block of a page that is a command to run: <c>```sh run</c>, or <c>```sh run background</c> for what stays.</summary>
/// <param name="Output">The <c>```text output</c> block that follows, if any.</param>
sealed record Command(string Page, int Line, string Script, bool Background, string? Output);

/// <summary>The pages of the documentation, in the order in which they are read.</summary>
static partial class Pages
{
    public static string[] All { get; } =
    [
        "README.md", .. new[] { "architecture", "jobs", "events", "sql", "data-events", "schedules", "webhooks", "resources", "handlers", "functions", "api", "operations", "configuration", "run-states", "worker-protocol" }.Select(x => $"docs/{x}.md"),
    ];

    /// <summary>Pages of examples that are projects: typed in the example's own folder, with a suite of its own.</summary>
    public static string[] Examples { get; } = ["process-order", "daily-report", "onboarding"];

    public static string Read(string page) => File.ReadAllText(Path.Combine(Checkout.Repository(), page));

    public static IReadOnlyList<Command> Commands(string page)
    {
        var commands = new List<Command>();
        foreach (var match in Block().Matches(Read(page)).Cast<Match>())
        {
            var (info, text) = (match.Groups[1].Value, match.Groups[2].Value);
            if (info is "sh run" or "sh run background")
                commands.Add(new(page, Read(page)[..match.Index].Count(x => x == '\n') + 1, text, info.EndsWith("background", StringComparison.Ordinal), null));
            else if (info == "text output")
                commands[^1] = commands[^1] with { Output = text };
        }

        return commands;
    }

    /// <summary>Targets of links, as they stand.</summary>
    public static IEnumerable<string> Links(string page) => Link().Matches(Block().Replace(Read(page), "")).Select(x => x.Groups[1].Value);

    public static IEnumerable<string> Anchors(string page) => Heading().Matches(Block().Replace(Read(page), "")).Select(x =>
        string.Concat(x.Groups[1].Value.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-'));

    [GeneratedRegex(@"^```([^\n]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
