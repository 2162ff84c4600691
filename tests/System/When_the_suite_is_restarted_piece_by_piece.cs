using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// Each process of the suite is told to stop (SIGTERM) and comes again, one after the other, at 100 calls a second: a new version is rolled
/// out. No caller notices, who tries nothing twice; he only asks, as a load balancer does, which of the two ingresses is ready.
/// </summary>
public sealed class When_the_suite_is_restarted_piece_by_piece(ITestOutputHelper output) : IAsyncLifetime
{
    static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);
    static readonly string[] Rolled = ["scheduler-1", "scheduler-2", "executor-1", "executor-2", "events-1", "events-2", "ingress-1", "ingress-2"];
    const int EventEach = 10;

    readonly SuiteProcess suite = new() { InSeveralProcesses = true, Scale = "ingress=2,scheduler=2,executor=2,events=2" };
    readonly List<WorkerProcess> workers = [];
    readonly List<string> failures = [];
    readonly List<string> accepted = [];
    readonly List<double> took = [];
    Balanced front = null!;
    Api api = null!;
    int calls;

    public async Task InitializeAsync()
    {
        suite.Launch();
        await suite.Serves();
        string[] urls = [suite.Url, $"http://127.0.0.1:{suite.Port + 1}"];
        front = new(urls, suite.Token);
        api = new(suite.Url, suite.Token);
        foreach (var url in urls)
            workers.Add(WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", suite.Folder("ledger")), ("REACTOR_URL", url)));
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in workers)
            await worker.DisposeAsync();
        api?.Dispose();
        if (front is not null)
            await front.DisposeAsync();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task No_call_fails_and_no_run_is_lost()
    {
        await api.Job("notice", new { max_concurrency = 100_000 });
        await api.Job("invoice", new { max_concurrency = 100_000, triggers = new[] { new { kind = "event", topic = "order.done" } } });
        using var rolled = new CancellationTokenSource();
        var load = Load(rolled.Token);
        foreach (var name in Rolled)
        {
            var before = suite.Processes()[name];
            Child.Signal(before, "TERM");
            var began = Stopwatch.GetTimestamp();
            await Until.True($"another {name} serves", async () => suite.Processes()[name] is var now && now != before && await front.IsReady(AddressOf(now)));
            output.WriteLine($"{name} was back after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, {calls} calls so far, {failures.Count} failed");
        }

        await rolled.CancelAsync();
        await load;
        output.WriteLine($"{calls} calls, the slowest took {took.Max():0} ms, the median {took.Order().ElementAt(took.Count / 2):0.0}");
        Assert.Empty(failures);

        var attempts = 0;
        foreach (var id in accepted)
        {
            var run = await api.Ended(id);
            Assert.Equal("completed", (string?)run["status"]);
            attempts += run["attempts"]!.AsArray().Count;
        }

        output.WriteLine($"{accepted.Count} runs completed in {attempts} attempts");
        Assert.Equal(calls / EventEach, (await api.All("/jobs/v1/runs?job_id=invoice&limit=500")).Count);
        Assert.Equal(calls - (calls / EventEach), accepted.Distinct().Count());
    }

    /// <summary>A trigger each 10 ms, whether the last ones are answered or not; each tenth call emits an event instead.</summary>
    async Task Load(CancellationToken end)
    {
        var pending = new List<Task>();
        using var timer = new PeriodicTimer(Between);
        while (!end.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
            pending.Add(++calls % EventEach == 0
                ? Call("/jobs/v1/_admin/events", new { topic = "order.done", payload = new { run = $"number-{calls}" } }, null)
                : Call("/jobs/v1/notice/trigger", new { payload = new { run = $"number-{calls}" } }, accepted));
        await Task.WhenAll(pending);
    }

    async Task Call(string path, object body, List<string>? ids)
    {
        var began = Stopwatch.GetTimestamp();
        string? id = null, failure = null;
        try
        {
            var answer = await front.Post(path, JsonSerializer.Serialize(body));
            if (answer.Status == HttpStatusCode.Accepted)
                id = (string?)answer.Json["id"];
            else
                failure = $"{(int)answer.Status} {answer.Text}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            failure = $"{exception.GetType().Name}: {exception.Message}";
        }

        lock (failures)
        {
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (failure is not null)
                failures.Add($"{path}: {failure}");
            else
                ids?.Add(id!);
        }
    }

    /// <summary>Where a process of the suite listens: its own settings say so.</summary>
    static string AddressOf(int process) => File.ReadAllText($"/proc/{process}/environ").Split('\0').First(x => x.StartsWith("REACTOR_SUITE__LISTEN=", StringComparison.Ordinal)).Split('=', 2)[1];
}
