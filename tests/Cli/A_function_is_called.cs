namespace ReactorJobs.Tests.Cli;

public sealed class A_function_is_called : IAsyncLifetime
{
    static readonly (string, string)[] Headers = [("X-Reactor-Function", "f"), ("X-Reactor-Cold-Start", "true"), ("X-Reactor-Duration-Ms", "12.4")];

    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task With_a_payload_and_its_answer_is_printed_as_it_came()
    {
        api.Answers("""{ "ok" : 1.0 }""", 200, Headers);
        using var shell = new Shell(api);
        var ended = await shell.Run("functions", "invoke", "ns/f", "--payload", """{"n":1.0}""");
        Assert.Equal("""POST /functions/v1/ns%2Ff {"n":1.0}""", api.Request.ToString());
        Assert.Equal(new Ended(0, "{ \"ok\" : 1.0 }\n", "200 OK in 12ms, cold start\n"), ended);
    }

    [Fact]
    public async Task From_a_pipe_or_a_file_or_with_nothing()
    {
        using var shell = new Shell(api) { Input = "[1]" };
        shell.Write("p.json", "[2]");
        await shell.Run("functions", "invoke", "f", "--payload", "-");
        await shell.Run("functions", "invoke", "f", "--payload", "@p.json");
        await shell.Run("functions", "invoke", "f");
        Assert.Equal(["[1]", "[2]", ""], api.Requests.Select(x => x.Body));
    }

    [Fact]
    public async Task Its_own_error_is_its_answer_and_exit_code_1()
    {
        api.Answers("no such order\u001b[2J", 404, Headers[..1]);
        using var terminal = new Shell(api) { IsTerminal = true, NoColor = true };
        Assert.Equal(new Ended(1, "no such order\uFFFD[2J\n", "404 Not Found\n"), await terminal.Run("functions", "invoke", "f"));
    }

    [Fact]
    public async Task What_stands_before_it_refuses_as_everywhere()
    {
        api.Refuses(404, "function_not_found", "There is no function.");
        using var shell = new Shell(api);
        var ended = await shell.Run("functions", "invoke", "f");
        Assert.Equal(4, ended.Exit);
        Assert.Equal("error: There is no function. (function_not_found)\nhint: deploy it first: reactor functions deploy NAME\n", ended.Error);
    }
}
