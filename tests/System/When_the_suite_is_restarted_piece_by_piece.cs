using System.Diagnostics;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// Each process of the suite is told to stop (SIGTERM) and comes again, one after the other, under load: a new version is rolled
/// out. No caller notices, who tries nothing twice; he only asks, as a load balancer does, which of the two ingresses is ready.
/// </summary>
public sealed class When_the_suite_is_restarted_piece_by_piece(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>One of each kind at 25 calls a second, or all at 100 where <c>REACTOR_RESTART_ALL</c> is set: for a release.</summary>
    static readonly (TimeSpan Between, string[] Rolled) Trial = Environment.GetEnvironmentVariable("REACTOR_RESTART_ALL") is null
        ? (TimeSpan.FromMilliseconds(40), ["scheduler-1", "executor-1", "events-1", "ingress-1"])
        : (TimeSpan.FromMilliseconds(10), ["scheduler-1", "scheduler-2", "executor-1", "executor-2", "events-1", "events-2", "ingress-1", "ingress-2"]);

    readonly SuiteProcess suite = new() { InSeveralProcesses = true, Scale = "ingress=2,scheduler=2,executor=2,events=2" };
    readonly List<WorkerProcess> workers = [];
    Balanced front = null!;
    Api api = null!;

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
        var load = new SteadyLoad(Trial.Between, "notice", "order.done", front.Post);
        load.Begin();
        foreach (var name in Trial.Rolled)
        {
            var before = suite.Processes()[name];
            Child.Signal(before, "TERM");
            var began = Stopwatch.GetTimestamp();
            await Until.True($"another {name} serves", async () => suite.Processes()[name] is var now && now != before && await front.IsReady(AddressOf(now)));
            output.WriteLine($"{name} was back after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s, {load.Calls} calls so far, {load.Failures.Count} failed");
        }

        await load.End(output);
        Assert.Empty(load.Failures);

        var attempts = 0;
        foreach (var id in load.Accepted)
        {
            var run = await api.Ended(id);
            Assert.Equal("completed", (string?)run["status"]);
            attempts += run["attempts"]!.AsArray().Count;
        }

        output.WriteLine($"{load.Accepted.Count} runs completed in {attempts} attempts");
        Assert.Equal(load.Calls - load.Events, load.Accepted.Distinct().Count());
        await Until.True("every event has come", async () => (await api.All("/jobs/v1/runs?job_id=invoice&limit=500")).Count >= load.Events);
        Assert.Equal(load.Events, (await api.All("/jobs/v1/runs?job_id=invoice&limit=500")).Count);
    }

    /// <summary>Where a process of the suite listens: its own settings say so.</summary>
    static string AddressOf(int process) => File.ReadAllText($"/proc/{process}/environ").Split('\0').First(x => x.StartsWith("REACTOR_SUITE__LISTEN=", StringComparison.Ordinal)).Split('=', 2)[1];
}
