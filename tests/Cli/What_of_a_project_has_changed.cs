using ReactorJobs.Cli.Dev;
using ReactorJobs.Cli.Watching;

namespace ReactorJobs.Tests.Cli;

public sealed class What_of_a_project_has_changed : IDisposable
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    readonly Shell shell = new();

    public void Dispose() => shell.Dispose();

    static ProjectListing Listing(params (string Path, int Saved)[] files) =>
        new(files.ToDictionary(x => x.Path, x => new FileStamp(Noon.AddSeconds(x.Saved), 1), StringComparer.Ordinal));

    [Theory]
    [InlineData("jobs/manifest.json", true)]
    [InlineData("jobs/manifest.json.bak", false)]
    [InlineData("functions/alpha/index.ts", true)]
    [InlineData("functions/alpha/code/lib/deep/x.json", true)]
    [InlineData("functions/alpha/.npmrc", true)]
    [InlineData("functions/alpha/node_modules", true)]
    [InlineData("functions/alpha/node_modules/zod/index.js", false)]
    [InlineData("functions/alpha/code/node_modules/zod/index.js", false)]
    [InlineData("functions/alpha/.git/HEAD", false)]
    [InlineData("functions/alpha/.cache/x.ts", false)]
    [InlineData("functions/.hidden/index.ts", false)]
    [InlineData("functions/alpha/.env", false)]
    [InlineData("functions/alpha/.index.ts.swp", false)]
    [InlineData("functions/alpha/code/index.ts~", false)]
    [InlineData("functions/alpha/code/.#index.ts", false)]
    [InlineData("functions/readme.md", false)]
    [InlineData("src/alpha/index.ts", false)]
    public void A_file_matters_or_not(string path, bool matters) => Assert.Equal(matters, ProjectListing.Matters(path));

    [Fact]
    public void A_function_has_changed_when_one_of_its_files_has()
    {
        var before = Listing(("functions/same/index.ts", 1), ("functions/written/index.ts", 1), ("functions/fewer/index.ts", 1), ("functions/fewer/lib.ts", 1));
        var now = Listing(("functions/same/index.ts", 1), ("functions/written/index.ts", 2), ("functions/fewer/index.ts", 1), ("functions/more/code/index.mjs", 3));

        var change = ProjectChange.Between(before, now);

        Assert.Equal(["fewer", "more", "written"], change.Functions);
        Assert.Empty(change.GoneFunctions);
        Assert.Equal((false, false, Noon.AddSeconds(3)), (change.Manifest, change.ManifestIsGone, change.Saved));
        Assert.True(ProjectChange.Between(now, now).IsNone);
    }

    [Fact]
    public void A_folder_is_a_function_as_soon_and_as_long_as_it_has_an_entry_or_settings()
    {
        var shared = ("functions/_shared/lib.ts", 1);
        Assert.True(ProjectChange.Between(ProjectListing.Empty, Listing(shared)).IsNone);
        Assert.Equal(["alpha"], ProjectChange.Between(Listing(shared), Listing(shared, ("functions/alpha/function.json", 1))).Functions);

        var gone = ProjectChange.Between(Listing(("functions/alpha/index.ts", 1), ("functions/alpha/lib.ts", 1)), Listing(("functions/alpha/lib.ts", 1)));
        Assert.Equal(["alpha"], gone.GoneFunctions);
        Assert.Empty(gone.Functions);
        Assert.Null(gone.Saved);
    }

    [Fact]
    public void The_manifest_is_new_or_another_or_gone()
    {
        var (none, first, second) = (ProjectListing.Empty, Listing(("jobs/manifest.json", 1)), Listing(("jobs/manifest.json", 2)));
        Assert.True(ProjectChange.Between(none, first) is { Manifest: true, ManifestIsGone: false });
        Assert.True(ProjectChange.Between(first, second) is { Manifest: true, ManifestIsGone: false });
        Assert.True(ProjectChange.Between(second, none) is { Manifest: false, ManifestIsGone: true });
    }

    [Fact]
    public void What_was_not_done_yet_has_changed_still()
    {
        var now = Listing(("functions/alpha/index.ts", 1), ("functions/beta/index.ts", 1));
        Assert.Equal(["beta"], ProjectChange.Between(now.Without(["functions/beta/index.ts"]), now).Functions);
    }

    [Theory]
    [InlineData(-1, -1)] // Saved a second before it was noticed: the time counts from there.
    [InlineData(-3600, 0)] // Copied with its old time.
    [InlineData(3600, 0)] // Another machine's clock.
    public void The_time_counts_from_the_save(int saved, int since) =>
        Assert.Equal(Noon.AddSeconds(since), ProjectChange.Between(ProjectListing.Empty, Listing(("functions/a/index.ts", saved))).Since(Noon));

    [Fact]
    public void A_folder_is_listed_without_what_does_not_matter()
    {
        foreach (var file in new[] { "functions/alpha/code/index.ts", "functions/alpha/node_modules/zod/index.js", "functions/alpha/.git/HEAD", "functions/readme.md", "jobs/manifest.json", "jobs/other.json" })
            shell.Write(file, "x");

        var listing = ProjectListing.Of(shell.Folder);

        Assert.Equal(["functions/alpha/code/index.ts", "functions/alpha/node_modules", "jobs/manifest.json"], listing.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["alpha"], listing.Functions);
        Assert.True(listing.IsSameAs(ProjectListing.Of(shell.Folder)));
        shell.Write("functions/alpha/code/index.ts", "longer");
        Assert.False(listing.IsSameAs(ProjectListing.Of(shell.Folder)));
        Assert.Empty(ProjectListing.Of(Path.Combine(shell.Folder, "elsewhere")).Files);
    }

    [Fact]
    public void A_link_that_leads_nowhere_or_around_ends_no_listing()
    {
        shell.Write("functions/alpha/index.ts", "x");
        File.CreateSymbolicLink(Path.Combine(shell.Folder, "functions/alpha/nowhere.ts"), "missing.ts");
        Directory.CreateSymbolicLink(Path.Combine(shell.Folder, "functions/alpha/around"), "..");
        Assert.Equal(["alpha"], ProjectListing.Of(shell.Folder).Functions);
    }

    [Fact]
    public void A_project_is_where_the_command_is_or_beside_the_settings_that_hold_there()
    {
        shell.Write("app/functions/alpha/index.ts", "x");
        shell.Write("other/src/x.ts", "x");
        var (settings, app, other) = (Path.Combine(shell.Folder, "Reactor.toml"), Path.Combine(shell.Folder, "app"), Path.Combine(shell.Folder, "other"));
        Assert.Equal(app, DevProject.FolderOf(app, settings));
        Assert.Equal(shell.Folder, DevProject.FolderOf(other, settings));
        Assert.Equal(other, DevProject.FolderOf(other, null));
    }
}
