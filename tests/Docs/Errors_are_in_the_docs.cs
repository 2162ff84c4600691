using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Docs;

/// <summary>Every code that the services answer an error with stands in the API's table, beside its status.</summary>
public sealed partial class Errors_are_in_the_docs
{
    /// <summary>What services tell only each other.</summary>
    static readonly string[] Internal = ["subscription_not_found", "data_trigger_not_found"];

    [Fact]
    public void With_their_status()
    {
        var documented = Pages.Read("docs/api.md").Split('\n').Select(x => Row().Match(x)).Where(x => x.Success)
            .SelectMany(row => Word().Matches(row.Groups[2].Value).Select(x => $"{row.Groups[1].Value} {x.Groups[1].Value}")).ToHashSet();
        var folders = (string[])["services", "shared"];
        var sources = folders.SelectMany(x => Directory.EnumerateFiles(Path.Combine(Checkout.Repository(), x), "*.cs", SearchOption.AllDirectories)).Where(x => !x.Contains("/obj/", StringComparison.Ordinal));
        var answered = sources.Select(File.ReadAllText).SelectMany(source => Problem().Matches(source).Select(x => $"{x.Groups[1].Value} {x.Groups[2].Value}")
            .Concat(NotFound().Matches(source).Select(x => $"404 {x.Groups[1].Value}_not_found"))).Distinct().Where(x => !Internal.Contains(x[4..])).ToArray();
        Assert.InRange(answered.Length, 30, 200);
        // The scheduler says of a target what a deployment passes on as its own mistake.
        Assert.Equal(["404 handler_not_found"], answered.Except(documented));
    }

    [GeneratedRegex(@"^\| ([45]\d\d) \| ([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?:new|Problem)\(([45]\d\d), ""([a-z_]+)""")]
    private static partial Regex Problem();

    [GeneratedRegex(@"NotFound\(""([a-z_]+)""")]
    private static partial Regex NotFound();
}
