using System.Net;
using System.Text.Json;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>Any process of the suite dies while runs are on their way: it is started again, and nothing is lost or done twice.</summary>
public sealed class When_a_process_of_the_suite_is_killed(ITestOutputHelper output) : IAsyncLifetime
{
    const int Wave = 60;
    static readonly string[] Victims = ["scheduler-1", "executor-1", "events-1", "ingress-1", "rabbitmq", "postgresql"];
    static readonly string[] Subscribers = ["invoice", "notice"];

    readonly SuiteProcess suite = new() { InSeveralProcesses = true };
    readonly List<WorkerProcess> workers = [];
    Ledger ledger = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite.Launch();
        await suite.Serves();
        ledger = new(suite.Folder("ledger"));
        api = new(suite.Url, suite.Token);
        for (var i = 0; i < 2; i++)
            workers.Add(WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", ledger.Folder)));
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in workers)
            await worker.DisposeAsync();
        api?.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task It_is_started_again_and_every_accepted_run_completes_once()
    {
        await api.Job("order", new { max_concurrency = 100_000 });
        foreach (var job in Subscribers)
            await api.Job(job, new { max_concurrency = 100_000, triggers = new[] { new { kind = "event", topic = "order.done" } } });
        var accepted = new List<string>();
        foreach (var (wave, victim) in Victims.Index())
        {
            var triggers = Task.WhenAll(Enumerable.Range(wave * Wave, Wave).Select(number => Task.Run(() => Trigger(number))));
            // Amid the wave's own steps: some runs wait, some are in a step, some are being accepted.
            var seen = ledger.Lines.Count;
            await Until.True("the wave is at work", () =>
            {
                ledger.Read();
                return Task.FromResult(ledger.Lines.Count > seen + (Wave / 2));
            });
            var killed = suite.Processes()[victim];
            global::System.Diagnostics.Process.GetProcessById(killed).Kill();
            output.WriteLine($"killed {victim} ({killed}) with {((wave + 1) * Wave) - ledger.Done} runs on their way");
            await Until.True($"another {victim} is listed", () => Task.FromResult(suite.Processes()[victim] != killed));
            accepted.AddRange(await triggers);
        }

        foreach (var id in accepted)
            Assert.Equal("completed", (string?)(await Patiently(id))["status"]);
        Assert.Equal(Wave * Victims.Length, accepted.Distinct().Count());
        Assert.Equal(Wave * Victims.Length, (await api.All("/jobs/v1/runs?job_id=order&limit=500")).Count);
        ledger.Read();
        var acknowledged = ledger.Lines.Where(line => line.What == "acknowledged").ToDictionary(line => (line.Run, line.Step), line => line.At);
        Assert.All(ledger.Lines.Where(line => line.What == "start"), start =>
            Assert.True(!acknowledged.TryGetValue((start.Run, start.Step), out var end) || start.At < end, $"{start} came after the step's acknowledgement"));
        // One event of each order.
        foreach (var job in Subscribers)
            await Until.True($"every event has come to {job}", async () => (await api.All($"/jobs/v1/runs?job_id={job}&limit=500")).Count == accepted.Count);

        var processes = suite.Processes();
        Assert.Equal(0, await suite.Stop(TimeSpan.FromSeconds(20)));
        Assert.False(File.Exists(Path.Combine(suite.Data, "processes.json")));
        Assert.All(processes, x => Assert.False(Directory.Exists($"/proc/{x.Value}"), $"{x.Key} ({x.Value}) is still there"));
    }

    async Task<string> Trigger(int number) => (string)(await api.Persist(
        HttpMethod.Post, "/jobs/v1/order/trigger", JsonSerializer.Serialize(new { payload = new { number } }), $"order-{number}")).Is(HttpStatusCode.Accepted).Json["id"]!;

    async Task<global::System.Text.Json.Nodes.JsonNode> Patiently(string id)
    {
        for (; ; )
        {
            var run = (await api.Persist(HttpMethod.Get, $"/jobs/v1/runs/{id}?wait=30s")).Is(HttpStatusCode.OK).Json;
            if ((string?)run["completed_at"] is not null)
                return run;
        }
    }
}
