using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.Executor;

[Collection(WithPostgres.Name)]
public sealed class A_url_is_a_handler(ExecutorDatabase server) : IAsyncLifetime
{
    ExecutorHost host = null!;
    WebApplication handlers = null!;
    readonly TaskCompletionSource aborted = new();
    string url = "";

    public async Task InitializeAsync()
    {
        host = await ExecutorHost.Start(server.Options);
        handlers = WebApplication.CreateSlimBuilder().Build();
        handlers.Urls.Add("http://127.0.0.1:0");
        handlers.MapPost("/echo", async (HttpContext http) =>
        {
            http.Response.ContentType = "application/json";
            await http.Request.Body.CopyToAsync(http.Response.Body);
        });
        handlers.MapPost("/moved", () => Results.Redirect("/echo"));
        handlers.MapPost("/steps", async (HttpContext http) =>
        {
            using var client = new HttpClient();
            var run = http.Request.Headers["Reactor-Run"].ToString();
            client.DefaultRequestHeaders.Authorization = new("Bearer", http.Request.Headers["Reactor-Callback-Token"].ToString());
            var callback = http.Request.Headers["Reactor-Callback"].ToString();
            var frame = await client.GetFromJsonAsync<JsonElement>($"{callback}/runs/{run}?epoch={http.Request.Headers["Reactor-Epoch"]}");
            var answer = await client.PostAsJsonAsync(callback + "/frames", new object[]
            {
                new { t = "checkpoint", id = 1, run, epoch = 1, key = "step:a", output = frame.GetProperty("payload").GetProperty("n").GetInt32() + 1 },
                new { t = "checkpoint", id = 2, run, epoch = 1, key = "nonsense", output = 0 },
            });
            return Results.Text(await answer.Content.ReadAsStringAsync(), "application/json");
        });
        handlers.MapPost("/where", (HttpContext http) => Results.Text($"\"{http.Request.Headers["Reactor-Callback"]}\"", "application/json"));
        handlers.MapPost("/hang", async (HttpContext http) =>
        {
            http.RequestAborted.Register(() => aborted.TrySetResult());
            await aborted.Task;
        });
        await handlers.StartAsync();
        url = handlers.Urls.First();
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await handlers.DisposeAsync();
    }

    async Task<AttemptFinished> Run(string path, long timeoutMs = 60_000)
    {
        var run = host.NewRun(path.StartsWith("http", StringComparison.Ordinal) ? path : url + path, payload: "{\"n\":  1}", timeoutMs: timeoutMs);
        await host.Send(run);
        return await host.Finished(run);
    }

    [Fact]
    public async Task Its_answer_is_the_result() => Assert.Equal("{\"n\":  1}", (await Run("/echo")).Result.ToString());

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        var finished = await Run("/moved");
        Assert.True(finished.Fatal);
        Assert.Contains("redirect", finished.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_calls_back_for_its_journal()
    {
        var answers = (await Run("/steps")).Result.Read<JsonElement>();
        Assert.Equal(["ack", "refuse"], answers.EnumerateArray().Select(x => x.GetProperty("t").GetString()));
    }

    [Fact]
    public async Task It_calls_back_by_the_start_of_its_executor() =>
        Assert.Equal($"{host.Url}jobs/v1/_worker/{host.Executor.Instance.Id}", (await Run("/where")).Result.Read<string>());

    [Fact]
    public async Task What_cannot_be_reached_is_tried_again()
    {
        var finished = await Run("http://127.0.0.1:1/");
        Assert.Equal(("failed", false, "ConnectionError"), (finished.Outcome, finished.Fatal, finished.Error!.Name));
    }

    [Fact]
    public async Task A_time_limit_ends_the_request()
    {
        Assert.Equal(AttemptOutcomes.TimedOut, (await Run("/hang", 50)).Outcome);
        await aborted.Task;
    }

    [Fact]
    public async Task A_callback_without_its_token_is_refused()
    {
        using var client = new HttpClient { BaseAddress = host.Url };
        Assert.Equal(401, (int)(await client.PostAsJsonAsync("/jobs/v1/_worker/any/frames", Array.Empty<object>())).StatusCode);
    }
}
