using ReactorJobs.Cli;
using ReactorJobs.Cli.Bundles;

namespace ReactorJobs.Tests.Cli;

public sealed class A_bundle_has_what_lies_in_its_folder : IDisposable
{
    readonly Shell shell = new();

    public void Dispose() => shell.Dispose();

    string Folder => Path.Combine(shell.Folder, "f");

    PackedBundle Pack() => BundleArchive.Pack(BundleFolder.Files(Folder, "f"), "f");

    IEnumerable<string> Packed => Unpacked.Of(Pack().Bytes).Keys;

    void Link(string at, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, at))!);
        File.CreateSymbolicLink(Path.Combine(Folder, at), to);
    }

    [Fact]
    public void The_same_files_are_the_same_bytes()
    {
        shell.Write("f/b.ts", "b");
        shell.Write("f/a/c.ts", "c");
        var first = Pack();
        Directory.Delete(Folder, recursive: true);
        shell.Write("f/a/c.ts", "c");
        shell.Write("f/b.ts", "b");
        File.SetLastWriteTimeUtc(Path.Combine(Folder, "b.ts"), DateTime.UnixEpoch.AddYears(40));

        var second = Pack();

        Assert.Equal(first.Bytes, second.Bytes);
        Assert.Equal((first.Sha256, 2), (second.Sha256, second.Files));
        shell.Write("f/b.ts", "B");
        Assert.NotEqual(first.Sha256, Pack().Sha256);
    }

    [Fact]
    public void What_is_secret_or_of_no_use_is_left_out()
    {
        foreach (var file in new[]
        {
            ".env", ".env.local", "code/.env.production", ".git/config", "code/.git/HEAD", ".reactor/dev-token", ".DS_Store",
            "node_modules/.cache/x", "code/node_modules/.cache/y", "node_modules/.bin/tsc",
            "code/.index.ts.swp", "code/index.ts~", "code/.#index.ts", "code/#index.ts#", "code/index.ts___jb_tmp___", "code/.goutputstream-X1Y2Z3", "code/.index.ts.kate-swp",
        }) shell.Write($"f/{file}", "x");
        shell.Write("f/code/index.ts", "x");
        shell.Write("f/environment.ts", "x");
        shell.Write("f/.cache/kept", "x");
        shell.Write("f/node_modules/zod/index.js", "");
        Assert.Equal([".cache/kept", "code/index.ts", "environment.ts", "node_modules/zod/index.js"], Packed);
    }

    [Fact]
    public void A_link_inside_counts_as_what_it_leads_to()
    {
        shell.Write("f/real/index.ts", "code");
        Link("index.ts", "real/index.ts");
        Link("again", "./real");
        Assert.Equal("code", Unpacked.Of(Pack().Bytes)["index.ts"]);
        Assert.Equal(["again/index.ts", "index.ts", "real/index.ts"], Packed);
    }

    [Fact]
    public void Links_in_a_circle_end()
    {
        shell.Write("f/a/index.ts", "code");
        Link("a/around", "..");
        Assert.Equal(["a/index.ts"], Packed);
        Link("self", "self");
        Assert.Contains("go around in a circle", Assert.Throws<Failure>(Pack).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("sub/../../outside.txt")]
    [InlineData("way/outside.txt")]
    [InlineData("/etc/hostname")]
    public void A_link_out_of_the_folder_is_refused(string to)
    {
        shell.Write("outside.txt", "not yours");
        shell.Write("f/sub/index.ts", "code");
        // A folder on the way may be a link itself.
        if (to.StartsWith("way", StringComparison.Ordinal)) Link("way", "..");
        Link("sneaky.ts", to);
        var refused = Assert.Throws<Failure>(Pack);
        Assert.Contains("is a link out of the folder, to", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_refused()
    {
        Link("gone.ts", "nothing.ts");
        Assert.Equal("f/gone.ts is a link that leads nowhere: nothing.ts", Assert.Throws<Failure>(Pack).Message);
    }

    [Fact]
    public void A_link_brings_nothing_in_that_is_left_out()
    {
        shell.Write("f/.env", "SECRET=1");
        shell.Write("f/.git/config", "x");
        shell.Write("f/index.ts", "code");
        Link("settings", ".env");
        Link("history", ".git");
        Assert.Equal(["index.ts"], Packed);
    }

    [Fact]
    public void The_folder_itself_may_be_reached_by_a_link()
    {
        shell.Write("real/index.ts", "code");
        shell.Write("real/lib.ts", "lib");
        Directory.CreateSymbolicLink(Folder, "real");
        Link("alias.ts", "lib.ts");
        Assert.Equal(["alias.ts", "index.ts", "lib.ts"], Packed);
    }

    [Fact]
    public void Long_and_foreign_names_come_through()
    {
        var path = $"{string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 8))}/Zoë.ts";
        shell.Write($"f/{path}", "x");
        Assert.Equal([path], Packed);
    }
}
