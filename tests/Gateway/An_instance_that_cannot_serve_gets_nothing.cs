using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ReactorJobs.Ingress.Gateway;

namespace ReactorJobs.Tests.Gateway;

[Collection(WithGatewayDatabase.Name)]
public sealed class An_instance_that_cannot_serve_gets_nothing(GatewayDatabase database)
{
    static readonly TimeSpan Never = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Requests_that_reach_nobody_are_served_by_another_whatever_their_method()
    {
        await using var suite = await FakeSuite.Start(database.Options, schedulers: 2, configure: x => x with { CheckEvery = Never });
        foreach (var scheduler in suite.Schedulers)
            await suite.Gateway.Checked(scheduler, isServing: true);
        await suite.Schedulers[0].Kill();

        for (var i = 0; i < 20; i++)
            Assert.Equal($"body {i}", (await suite.Gateway.Forwarded(HttpMethod.Post, "/jobs/v1/a/trigger", new StringContent($"body {i}"))).Body);

        Assert.Equal(20, suite.Schedulers[1].Requests.Count);
        await suite.Gateway.Checked(suite.Schedulers[0], isServing: false);
    }

    [Fact]
    public async Task One_that_drains_is_left_alone_until_it_is_ready_again()
    {
        await using var suite = await FakeSuite.Start(database.Options, schedulers: 2);
        var (one, other) = (suite.Schedulers[0], suite.Schedulers[1]);
        one.Ready = Unready;
        await suite.Gateway.Checked(one, isServing: false);
        for (var i = 0; i < 20; i++)
            await suite.Gateway.Get("/jobs/v1/runs");
        Assert.Equal((0, 20), (one.Requests.Count, other.Requests.Count));

        one.Ready = _ => Task.CompletedTask;
        await suite.Gateway.Checked(one, isServing: true);
        other.Ready = Unready;
        await suite.Gateway.Checked(other, isServing: false);
        await suite.Gateway.Get("/jobs/v1/runs");
        Assert.Equal((1, 20), (one.Requests.Count, other.Requests.Count));
    }

    [Fact]
    public async Task Nobody_notices_when_all_are_restarted_one_after_the_other()
    {
        await using var suite = await FakeSuite.Start(database.Options, schedulers: 2);
        using var enough = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 8).Select(async caller =>
        {
            var served = 0;
            for (; !enough.IsCancellationRequested; served++)
                Assert.Equal($"{caller}/{served}", (await suite.Gateway.Forwarded(HttpMethod.Post, "/jobs/v1/a/trigger", new StringContent($"{caller}/{served}"))).Body);
            return served;
        }).ToArray();

        foreach (var scheduler in suite.Schedulers)
        {
            var before = scheduler.Requests.Count;
            await GatewayHost.Until(() => Task.FromResult(scheduler.Requests.Count > before + 20));
            scheduler.Ready = Unready;
            await suite.Gateway.Checked(scheduler, isServing: false);
            await scheduler.Stop();
            scheduler.Ready = _ => Task.CompletedTask;
            await scheduler.Start();
            await suite.Gateway.Checked(scheduler, isServing: true);
        }

        await enough.CancelAsync();
        var served = (await Task.WhenAll(callers)).Sum();
        Assert.Equal(served, suite.Schedulers.Sum(x => x.Requests.Count));
    }

    [Theory]
    [InlineData("/relative", "executor")]
    [InlineData("ftp://127.0.0.1/", "executor")]
    [InlineData("http://127.0.0.1:1/below", "executor")]
    [InlineData("", "executor")]
    [InlineData("http://127.0.0.1:1 http://127.0.0.1:1", "executor")]
    public void Addresses_that_cannot_be_are_refused_at_the_start(string addresses, string setting)
    {
        Uri[] executors = [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(x => new Uri(x, UriKind.RelativeOrAbsolute))];
        var refusal = Assert.Throws<InvalidOperationException>(() => new GatewayOptions([new("http://127.0.0.1:1")], executors, [new("http://127.0.0.1:2")]).Validated());
        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_the_answer_is_to_try_again()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        suite.Schedulers[0].Ready = Unready;
        await suite.Gateway.Checked(suite.Schedulers[0], isServing: false);
        await AssertUnavailable(suite, "No instance of the scheduler is in service.");

        await suite.Schedulers[0].Kill();
        await AssertUnavailable(suite, "No instance of the scheduler is in service.");

        suite.Schedulers[0].Ready = _ => Task.CompletedTask;
        await suite.Schedulers[0].Start();
        await suite.Gateway.Checked(suite.Schedulers[0], isServing: true);
        Assert.Equal("scheduler", (await suite.Gateway.Get("/jobs/v1/runs")).Service);
    }

    [Fact]
    public async Task What_was_sent_is_not_sent_again()
    {
        await using var suite = await FakeSuite.Start(database.Options, schedulers: 2);
        var arrived = 0;
        foreach (var scheduler in suite.Schedulers)
            scheduler.Answer = async http =>
            {
                await scheduler.Read(http);
                Interlocked.Increment(ref arrived);
                http.Abort();
            };

        await AssertUnavailable(suite, "The scheduler does not answer.");
        Assert.Equal(1, arrived);
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_the_request_along()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        var (began, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        suite.Schedulers[0].Answer = async http =>
        {
            http.RequestAborted.Register(left.SetResult);
            began.SetResult();
            await left.Task;
        };
        using var caller = new CancellationTokenSource();
        var request = suite.Gateway.Client.GetAsync("/jobs/v1/runs/x?wait=30s", caller.Token);
        await began.Task;

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("Ready", "True")]
    [InlineData("Ready Refused Gone Silent", "True False False False")]
    [InlineData("Silent", "True")]
    [InlineData("Silent Silent Gone", "True True False")]
    [InlineData("Silent Refused", "True False")]
    [InlineData("Refused Gone", "False False")]
    public void Silence_counts_where_another_one_answers(string answers, string expected) =>
        Assert.Equal(expected, string.Join(' ', InstanceHealth.Judge([.. answers.Split(' ').Select(Enum.Parse<ReadyAnswer>)])));

    [Fact]
    public async Task One_that_hangs_is_left_alone_while_another_answers()
    {
        await using var suite = await FakeSuite.Start(database.Options, schedulers: 2, configure: x => x with { CheckPatience = TimeSpan.FromMilliseconds(200) });
        suite.Schedulers[0].Ready = http => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        await suite.Gateway.Checked(suite.Schedulers[0], isServing: false);
        await suite.Gateway.Checked(suite.Schedulers[1], isServing: true);
        await suite.Gateway.Get("/jobs/v1/runs");
        Assert.Empty(suite.Schedulers[0].Requests);
    }

    static Task Unready(HttpContext http)
    {
        http.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    static async Task AssertUnavailable(FakeSuite suite, string detail)
    {
        using var response = await suite.Gateway.Send(HttpMethod.Post, "/jobs/v1/a/trigger", new StringContent("{}"));
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(("unavailable", detail), (problem.GetProperty("code").GetString(), problem.GetProperty("detail").GetString()));
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }
}
