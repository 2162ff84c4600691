using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Logs;

namespace ReactorJobs.Tests.Executor;

[Collection(WithPostgres.Name)]
public sealed class Logs_are_kept_and_followed(ExecutorDatabase server) : IAsyncLifetime
{
    ExecutorHost host = null!;

    public async Task InitializeAsync() => host = await ExecutorHost.Start(server.Options);

    public async Task DisposeAsync() => await host.DisposeAsync();

    HttpClient Client(string org)
    {
        var client = new HttpClient { BaseAddress = host.Url };
        client.DefaultRequestHeaders.Authorization = new("Bearer", org);
        return client;
    }

    static async Task<(string Id, JsonElement Line)> NextLine(StreamReader stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var id = "";
        while (await stream.ReadLineAsync(limit.Token) is { } line)
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                return (id, JsonDocument.Parse(line[6..]).RootElement);
        throw new InvalidOperationException("The stream has ended.");
    }

    static object Log(ExecuteRun run, params string[] messages) =>
        new { t = "log", run = run.RunId.ToString(), epoch = 1, entries = messages.Select(x => new { ts = "2026-01-01T00:00:00Z", level = "warn", step = "s", message = x }) };

    [Fact]
    public async Task A_follower_sees_what_was_and_what_comes_and_nobody_elses()
    {
        await using var worker = await TestWorker.Join(host);
        var run = host.NewRun();
        await host.Send(run);
        await worker.Next("run");
        await worker.Send(Log(run, "one\0"));

        using var client = Client("acme");
        using var follow = new StreamReader(await client.GetStreamAsync($"/jobs/v1/_admin/logs?run_id={run.RunId}&follow=true"));
        var first = await NextLine(follow);
        Assert.Equal("one\uFFFD", first.Line.GetProperty("message").GetString());
        Assert.Equal(("warn", "s", run.RunId.ToString(), 1),
            (first.Line.GetProperty("level").GetString(), first.Line.GetProperty("step").GetString(), first.Line.GetProperty("run_id").GetString(), first.Line.GetProperty("attempt").GetInt32()));
        await worker.Send(Log(run, "two", "three"));
        Assert.Equal("two", (await NextLine(follow)).Line.GetProperty("message").GetString());
        Assert.Equal("three", (await NextLine(follow)).Line.GetProperty("message").GetString());

        using var again = Client("acme");
        again.DefaultRequestHeaders.Add("Last-Event-ID", first.Id);
        var rest = await again.GetStringAsync($"/jobs/v1/_admin/logs?run_id={run.RunId}");
        Assert.DoesNotContain("one", rest, StringComparison.Ordinal);
        Assert.Contains("three", rest, StringComparison.Ordinal);
        Assert.Contains("two", await again.GetStringAsync("/jobs/v1/_admin/jobs/job/logs"), StringComparison.Ordinal);

        using var stranger = Client("other");
        Assert.Equal("", await stranger.GetStringAsync($"/jobs/v1/_admin/logs?run_id={run.RunId}"));
    }

    [Theory]
    [InlineData("run_id=x", "run_id")]
    [InlineData("follow=yes", "follow")]
    [InlineData("since=1", "since")]
    public async Task A_bad_parameter_is_named(string query, string name)
    {
        using var client = Client("acme");
        var answer = await client.GetAsync("/jobs/v1/_admin/logs?" + query);
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains($"\"pointer\":\"{name}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5, 5, false)]
    [InlineData(9_995, 5, 5, false)]
    [InlineData(9_998, 5, 2, true)]
    [InlineData(10_000, 1, 0, true)]
    [InlineData(10_001, 1, 0, false)]
    public void A_runs_log_has_an_end(long stored, int lines, int kept, bool closing) => Assert.Equal((kept, closing), LogRules.Admit(stored, lines));

    [Fact]
    public void A_long_message_is_cut_between_characters()
    {
        var text = LogRules.Bounded(new string('€', 5000));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(text), 8000, LogRules.MessageLength);
        Assert.EndsWith("(cut)", text, StringComparison.Ordinal);
        Assert.Equal(new string('x', 8192), LogRules.Bounded(new string('x', 8192)));
    }
}
