using System.Net;
using System.Net.Sockets;

namespace ReactorJobs.Tests.Cli;

public sealed class A_refusal_has_its_exit_code_and_a_hint : IAsyncLifetime
{
    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Theory]
    [InlineData(401, "unauthorized", 3, "the token comes from REACTOR_TOKEN")]
    [InlineData(403, "forbidden", 3, "the org is acme")]
    [InlineData(404, "job_not_found", 4, "reactor jobs list")]
    [InlineData(404, "run_not_found", 4, "reactor jobs runs list")]
    [InlineData(409, "run_finished", 1, "reactor jobs runs retry")]
    [InlineData(429, "concurrency_exceeded", 1, "try again in 3s")]
    [InlineData(503, "unavailable", 1, "try again in 3s; reactor health")]
    public async Task By_status_and_code(int status, string code, int exit, string hint)
    {
        api.Refuses(status, code, "It cannot be.", null, ("Retry-After", "3"));
        using var shell = new Shell(api);

        var ended = await shell.Run("jobs", "get", "j");

        Assert.Equal(exit, ended.Exit);
        Assert.Equal("", ended.Out);
        Assert.StartsWith($"error: It cannot be. ({code})\nhint: ", ended.Error, StringComparison.Ordinal);
        Assert.Contains(hint, ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_wrong_field_has_its_line()
    {
        api.Refuses(422, "invalid_request", "Two fields are wrong.", """[{"pointer":"/retry/max_attempts","detail":"is at most 100"},{"pointer":"/name","detail":"is\u001b[2J reserved"}]""");
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "create", "runs", "--function", "f");
        Assert.Equal(1, ended.Exit);
        Assert.Equal("error: Two fields are wrong. (invalid_request)\n  /retry/max_attempts: is at most 100\n  /name: is\uFFFD[2J reserved\n", ended.Error);
    }

    [Fact]
    public async Task Something_else_than_reactor_is_named()
    {
        api.Answers("<html>Bad gateway</html>", 502).Answers("<html>Welcome</html>");
        using var shell = new Shell(api);
        Assert.StartsWith($"error: {api.Url} answered 502 Bad Gateway\n", (await shell.Run("jobs", "list")).Error, StringComparison.Ordinal);
        Assert.Equal($"error: {api.Url} answered something else than JSON\nhint: is that address a Reactor suite?\n", (await shell.Run("jobs", "list")).Error);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        api.Answers("", 308, ("Location", "https://elsewhere/jobs"));
        using var shell = new Shell(api);
        var ended = await shell.Run("jobs", "list");
        Assert.Equal(1, ended.Exit);
        Assert.Contains("https://elsewhere/jobs", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_asks_whether_the_suite_runs()
    {
        // A port that was free a moment ago, and that nobody was given since.
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        taken.Stop();
        using var shell = new Shell().With("REACTOR_URL", url).With("REACTOR_TOKEN", "t");

        var ended = await shell.Run("jobs", "list");

        Assert.Equal(1, ended.Exit);
        Assert.Equal($"error: nothing answers at {url}: connection refused\nhint: is the suite running? start it with ./reactor dev\n", ended.Error);
    }

    [Fact]
    public async Task A_suite_that_is_not_well_is_a_failed_health()
    {
        api.Answers("""{"status":"degraded","capabilities":{"jobs":"ok","functions":{"status":"down"}}}""", 503)
            .Refuses(503, "unavailable", "The gateway reaches nobody.");
        using var shell = new Shell(api);
        var ended = await shell.Run("health");
        Assert.Equal(1, ended.Exit);
        Assert.Equal($"degraded  {api.Url}\n  jobs       ok\n  functions  down\n", ended.Out);
        Assert.StartsWith("error: The gateway reaches nobody. (unavailable)", (await shell.Run("health")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interruption_is_130()
    {
        using var interrupted = new CancellationTokenSource();
        api.Does(async http =>
        {
            await interrupted.CancelAsync();
            var gone = new TaskCompletionSource();
            await using var _ = http.RequestAborted.Register(() => gone.TrySetResult());
            await gone.Task;
        });
        using var shell = new Shell(api);
        Assert.Equal(130, (await shell.Run(interrupted.Token, "jobs", "list")).Exit);
    }
}
