using ReactorJobs.Cli;
using ReactorJobs.Cli.Connection;

namespace ReactorJobs.Tests.Cli;

public sealed class The_connection_is_found : IDisposable
{
    readonly Shell shell = new();

    public void Dispose() => shell.Dispose();

    ConnectionSettings Find(ConnectionFlags flags = default, string folder = "", params (string Name, string Value)[] environment) =>
        ConnectionSettings.Find(flags, name => environment.FirstOrDefault(e => e.Name == name).Value, Path.Combine(shell.Folder, folder));

    [Fact]
    public void Options_win_over_the_environment()
    {
        var found = Find(new ConnectionFlags("https://a/base/", "t1", null), "", ("REACTOR_URL", "https://b"), ("REACTOR_TOKEN", "t2"), ("REACTOR_ORG", "o2"));
        Assert.Equal(("https://a/base", "t1", "o2", "--token"), (found.Address, found.Token, found.Org, found.TokenSource));
    }

    [Fact]
    public void A_token_alone_goes_to_this_machine_and_names_no_org()
    {
        var found = Find(default, "", ("REACTOR_TOKEN", "t"), ("REACTOR_URL", ""));
        Assert.Equal(("http://localhost:8000", "t", null), (found.Address, found.Token, found.Org));
    }

    [Fact]
    public void The_development_token_is_found_from_a_folder_below()
    {
        shell.Write(".reactor/dev-token", "dev\n");
        shell.Write("src/deep/file", "");
        var found = Find(default, "src/deep");
        Assert.Equal(("http://localhost:8000", "dev", "acme"), (found.Address, found.Token, found.Org));
    }

    [Fact]
    public void Its_neighbour_names_address_and_org()
    {
        shell.Write(".reactor/dev-token", "dev");
        shell.Write(".reactor/dev.json", """{"url":"http://127.0.0.1:9001/","org":"other","more":1}""");
        var found = Find();
        Assert.Equal(("http://127.0.0.1:9001", "dev", "other"), (found.Address, found.Token, found.Org));
        Assert.Equal("mine", Find(new ConnectionFlags(null, null, "mine")).Org);
    }

    [Fact]
    public void A_file_found_on_the_way_sends_no_token_elsewhere()
    {
        shell.Write(".reactor/dev-token", "dev");
        shell.Write(".reactor/dev.json", """{"url":"https://evil.example"}""");
        Assert.Equal("http://localhost:8000", Find(default, "", ("REACTOR_TOKEN", "secret")).Address);
        // Nor is the development token shown to whatever address is named.
        Assert.Equal(ExitCode.Auth, Assert.Throws<Failure>(() => Find(new ConnectionFlags("https://prod.example", null, null))).ExitCode);
    }

    [Fact]
    public async Task Without_a_token_the_ways_to_one_are_named()
    {
        var ended = await shell.Run("jobs", "list");
        Assert.Equal(3, ended.Exit);
        Assert.Equal("error: no token\nhint: give --token, set REACTOR_TOKEN, choose a context, or start a suite of your own with `reactor dev`, which writes .reactor/dev-token\n", ended.Error);
    }
}
