namespace ReactorJobs.Tests.Cli;

public sealed class Secrets_are_kept_out_of_sight : IAsyncLifetime
{
    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData("s3cret\n", "s3cret")]
    [InlineData("s3cret\r\n", "s3cret")]
    [InlineData("two\nlines\n\n", "two\\nlines\\n")]
    [InlineData(" spaces ", " spaces ")]
    public async Task A_value_comes_from_a_pipe_without_the_shells_line_end(string input, string value)
    {
        api.Answers("""{"path":"a/b"}""", 201);
        using var shell = new Shell(api) { Input = input };
        Assert.Equal("stored a/b\n", (await shell.Run("secrets", "set", "a/b")).Out);
        Assert.Equal($$"""PUT /secrets/v1/a/b {"value":"{{value}}"}""", api.Request.ToString());
    }

    [Fact]
    public async Task On_a_terminal_it_is_asked_for()
    {
        using var shell = new Shell(api) { IsTerminal = true, Input = "typed\nand more" };
        var ended = await shell.Run("secrets", "set", "a");
        Assert.Equal("Value of a: \n", ended.Error);
        Assert.Equal("""PUT /secrets/v1/a {"value":"typed"}""", api.Request.ToString());
    }

    [Fact]
    public async Task Several_are_deleted_and_one_that_is_gone_does_not_keep_the_others()
    {
        api.Answers("", 204).Refuses(404, "secret_not_found", "It is gone.").Answers("", 204);
        using var shell = new Shell(api) { Input = "a\nvault:b\nc\n" };
        var ended = await shell.Run("secrets", "delete", "-", "--force");
        Assert.Equal(4, ended.Exit);
        Assert.Equal("deleted a\ndeleted c\n", ended.Out);
        Assert.Equal("error: b: It is gone. (secret_not_found)\nhint: reactor secrets list shows the paths\n", ended.Error);
    }
}
