using System.Text.RegularExpressions;

namespace ReactorJobs.Tests.Docs;

/// <summary>Links between pages resolve, with their anchors; files and settings that a page names exist.</summary>
public sealed partial class Pages_point_to_what_is_there
{
    public static TheoryData<string> AllPages => [.. Pages.All, "CHANGELOG.md", "examples/welcome/README.md", .. Pages.Examples.Select(x => $"examples/{x}/README.md")];

    [Theory]
    [MemberData(nameof(AllPages))]
    public void Links_resolve(string page)
    {
        foreach (var link in Pages.Links(page).Where(x => !x.StartsWith("http", StringComparison.Ordinal)))
        {
            var (path, anchor) = (link.Split('#')[0], link.Contains('#', StringComparison.Ordinal) ? link.Split('#')[1] : null);
            var target = path.Length == 0 ? page : Path.GetRelativePath(Checkout.Repository(), Path.Combine(Checkout.Repository(), Path.GetDirectoryName(page)!, path));
            Assert.True(Path.Exists(Path.Combine(Checkout.Repository(), target)), $"{page} links to {link}, which is not there");
            if (anchor is not null)
                Assert.Contains(anchor, Pages.Anchors(target));
        }
    }

    [Fact]
    public void Every_page_is_reached_from_the_README() =>
        Assert.All(
            Directory.GetFiles(Path.Combine(Checkout.Repository(), "docs"), "*.md").Select(x => "docs/" + Path.GetFileName(x)),
            page => Assert.Contains(page, Pages.Links("README.md").Select(x => x.Split('#')[0])));

    [Theory]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/operations.md")]
    public void Files_that_are_named_exist(string page)
    {
        var repository = Checkout.Repository();
        var named = File().Matches(Pages.Read(page)).Select(x => x.Groups[1].Value).Distinct().ToArray();
        if (page.EndsWith("architecture.md", StringComparison.Ordinal))
            Assert.True(named.Length > 20, "the page follows a request through the files by name");
        Assert.All(named, file => Assert.True(System.IO.File.Exists(Path.Combine(repository, file)), $"{page} names {file}, which is not there"));
    }

    /// <summary>A path from the repository's root in backticks: <c>services/scheduler/Runs/Run.cs</c>.</summary>
    [GeneratedRegex(@"`((?:shared|services|embedded|cli|sdk|examples|tests|docs|scripts)/[A-Za-z0-9_./-]+\.[a-z]+)`")]
    private static partial Regex File();
}
