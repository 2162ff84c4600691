using System.Runtime.Versioning;

namespace ReactorJobs.Tests.Cli;

[UnsupportedOSPlatform("windows")]
public sealed class Contexts_are_kept_under_names : IAsyncLifetime
{
    FakeApi api = null!;
    Shell shell = null!;

    public async Task InitializeAsync()
    {
        api = await FakeApi.Start();
        shell = new Shell();
        shell.With("HOME", shell.Folder);
    }

    public async Task DisposeAsync()
    {
        shell.Dispose();
        await api.DisposeAsync();
    }

    string File => Path.Combine(shell.Folder, ".reactor", "config.toml");

    [Fact]
    public async Task The_one_in_use_is_where_commands_go()
    {
        Assert.Equal("kept prod; commands go there after: reactor context use prod\n", (await shell.Run("context", "set", "prod", "--url", api.Url, "--token", "t\"1\\", "--org", "acme")).Out);
        Assert.Equal($"commands go to prod, {api.Url}\n", (await shell.Run("context", "use", "prod")).Out);

        Assert.Equal(0, (await shell.Run("jobs", "get", "j")).Exit);

        Assert.Equal("Bearer t\"1\\", api.Request.Headers.Authorization);
        Assert.Equal("acme", api.Request.Headers["X-Reactor-Org"]);
    }

    [Fact]
    public async Task Nobody_else_may_read_the_file()
    {
        await shell.Run("context", "set", "a.b", "--token", "t");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal("# Written by reactor context.\n\n[contexts.\"a.b\"]\ntoken = \"t\"\n", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task They_are_listed_without_their_tokens()
    {
        Assert.StartsWith("no contexts yet", (await shell.Run("context", "list")).Out, StringComparison.Ordinal);
        await shell.Run("context", "set", "prod", "--url", "https://prod.example", "--org", "acme", "--token", "s3cret");
        await shell.Run("context", "set", "local", "--url", "http://localhost:8000");
        await shell.Run("context", "use", "prod");
        Assert.Equal("NAME   IN USE  URL                    ORG   TOKEN\nlocal          http://localhost:8000  -     -\nprod   in use  https://prod.example   acme  kept\n", (await shell.Run("context", "list")).Out);
        Assert.Equal("local\nprod\n", (await shell.Run("context", "list", "-o", "ids")).Out);
        Assert.DoesNotContain("s3cret", (await shell.Run("context", "list", "-o", "json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_and_options_win()
    {
        await shell.Run("context", "set", "prod", "--url", api.Url, "--token", "t1", "--org", "o1");
        await shell.Run("context", "use", "prod");
        shell.With("REACTOR_TOKEN", "t2");
        await shell.Run("jobs", "get", "j", "--org", "o2");
        Assert.Equal("Bearer t2", api.Request.Headers.Authorization);
        Assert.Equal("o2", api.Request.Headers["X-Reactor-Org"]);
    }

    [Fact]
    public async Task A_token_goes_to_the_address_it_is_kept_for_only()
    {
        await shell.Run("context", "set", "prod", "--url", "https://prod.example", "--token", "t1");
        await shell.Run("context", "use", "prod");
        var ended = await shell.Run("jobs", "list", "--url", api.Url);
        Assert.Equal(3, ended.Exit);
        Assert.StartsWith("error: no token\n", ended.Error, StringComparison.Ordinal);

        await shell.Run("context", "set", "prod", "--url", api.Url);
        Assert.Equal("error: the context prod has no token\nhint: reactor context set prod --token -\n", (await shell.Run("jobs", "list")).Error);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task A_token_may_come_from_a_pipe_and_the_rest_stays()
    {
        using var piped = new Shell { Input = "t3\n" };
        piped.With("HOME", shell.Folder);
        await shell.Run("context", "set", "prod", "--url", api.Url, "--org", "o1");
        await piped.Run("context", "set", "prod", "--token", "-");
        Assert.EndsWith($"url = \"{api.Url}\"\ntoken = \"t3\"\norg = \"o1\"\n", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_there_is_answered_with_the_near_ones()
    {
        await shell.Run("context", "set", "prod", "--url", api.Url);
        var ended = await shell.Run("context", "use", "prd");
        Assert.Equal(4, ended.Exit);
        Assert.Equal("error: there is no context prd; did you mean prod?\nhint: reactor context list shows them\n", ended.Error);
        Assert.Equal(4, (await shell.Run("context", "delete", "x", "--force")).Exit);
    }

    [Fact]
    public async Task A_deleted_one_is_no_longer_in_use()
    {
        await shell.Run("context", "set", "prod", "--url", api.Url, "--token", "t");
        await shell.Run("context", "use", "prod");
        Assert.Equal("deleted prod\n", (await shell.Run("context", "delete", "prod", "--force")).Out);
        Assert.Equal(3, (await shell.Run("jobs", "list")).Exit);
        Assert.Equal("# Written by reactor context.\n", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task None_may_be_in_use()
    {
        await shell.Run("context", "set", "prod", "--url", api.Url, "--token", "t");
        await shell.Run("context", "use", "prod");
        Assert.Equal("no context is in use\n", (await shell.Run("context", "use")).Out);
        Assert.Equal(3, (await shell.Run("jobs", "list")).Exit);
    }

    [Theory]
    [InlineData("current = \n", ":1:")]
    [InlineData("currant = \"x\"\n", ":1:1: currant as a string is not known here")]
    [InlineData("[contexts.a]\nurl = 1\n", ":2:1: url as a whole number is not known here")]
    [InlineData("current = \"x\"\n", ": the current context is x, which is not there")]
    public async Task A_wrong_file_is_named_with_the_place(string text, string error)
    {
        shell.Write(".reactor/config.toml", text);
        var ended = await shell.Run("jobs", "list");
        Assert.Equal(1, ended.Exit);
        Assert.Contains($"error: {File}{error}", ended.Error, StringComparison.Ordinal);
    }
}
