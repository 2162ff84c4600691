namespace ReactorJobs.Tests.Cli;

public sealed class Many_at_once_are_asked_about : IAsyncLifetime
{
    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Retrying_all_dead_letters_counts_them_asks_and_retries_what_it_counted()
    {
        api.Answers($$"""[{{Samples.DeadLetter}},{"id":"dlq_2","status":"retried"}]""", 200, ("Link", """</x?cursor=2>; rel="next" """))
            .Answers("""[{"id":"dlq_3"}]""")
            .Answers("""[{"id":"run_8","job_id":"j","status":"pending"},{"id":"run_9","job_id":"j","status":"pending"}]""");
        using var shell = new Shell(api) { IsTerminal = true, NoColor = true, Input = "y\n" };

        var ended = await shell.Run("jobs", "dlq", "retry", "j", "--all", "--from", "start", "-o", "ids");

        Assert.Equal("Retrying 2 dead letters of j. Go on? [y/N] ", ended.Error);
        Assert.Equal("run_8\nrun_9\n", ended.Out);
        Assert.Equal(
            ["GET /jobs/v1/_admin/jobs/j/dlq?limit=500", "GET /jobs/v1/_admin/jobs/j/dlq?limit=500&cursor=2", """POST /jobs/v1/_admin/jobs/j/dlq/retry {"ids":["dlq_1","dlq_3"],"from":"start"}"""],
            api.Requests.Select(r => r.ToString()));
    }

    [Theory]
    [InlineData(true, 1, "error: nothing was done")]
    [InlineData(false, 2, "error: retrying 1 dead letter of j needs --force where there is no terminal to ask on")]
    public async Task Without_a_yes_nothing_is_retried(bool terminal, int exit, string error)
    {
        api.Answers($"[{Samples.DeadLetter}]");
        using var shell = new Shell(api) { IsTerminal = terminal, NoColor = true, Input = "\n" };
        var ended = await shell.Run("jobs", "dlq", "retry", "j", "--all");
        Assert.Equal(exit, ended.Exit);
        Assert.Contains(error, ended.Error, StringComparison.Ordinal);
        Assert.Equal("GET", api.Request.Method);
    }

    [Fact]
    public async Task Ids_from_a_pipe_are_discarded_one_by_one()
    {
        api.Answers("", 204).Refuses(404, "dead_letter_not_found", "It is gone.").Answers("", 204);
        using var shell = new Shell(api) { Input = "dlq_1\ndlq_2\ndlq_3\n" };
        var ended = await shell.Run("jobs", "dlq", "discard", "j", "-", "--force");
        Assert.Equal(4, ended.Exit);
        Assert.Equal("discarded dlq_1\ndiscarded dlq_3\n", ended.Out);
        Assert.StartsWith("error: dlq_2: It is gone. (dead_letter_not_found)\n", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_ends_it_at_once()
    {
        api.Refuses(401, "unauthorized", "The token has run out.");
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "runs", "cancel", "j", "run_1", "run_2");
        Assert.Equal(3, ended.Exit);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task An_empty_pipe_is_nothing_to_do()
    {
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "dlq", "retry", "j", "-");
        Assert.Equal(0, ended.Exit);
        Assert.Equal("no ids on standard input: nothing to do\n", ended.Error);
        Assert.Empty(api.Requests);
    }
}
