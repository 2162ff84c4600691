using System.Net;
using System.Text.Json;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>The database dies while runs are on their way: the suite starts it again, callers wait or try again, and nothing is lost or done twice.</summary>
public sealed class When_PostgreSQL_is_killed_under_load(ITestOutputHelper output) : IAsyncLifetime
{
    const int Runs = 400;
    const int Kills = 4;
    const int Wave = Runs / (Kills + 1);

    SuiteProcess suite = null!;
    WorkerProcess worker = null!;
    Ledger ledger = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite = await SuiteProcess.StartNew();
        ledger = new(suite.Folder("ledger"));
        api = new(suite.Url, suite.Token);
        worker = WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", ledger.Folder));
    }

    public async Task DisposeAsync()
    {
        await worker.DisposeAsync();
        api.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task Every_accepted_run_completes_once()
    {
        foreach (var job in (string[])["order", "invoice", "notice"])
            await api.Job(job, new { max_concurrency = 100_000 });
        var accepted = new List<string>();
        for (var wave = 0; wave <= Kills; wave++)
        {
            var first = wave * Wave;
            var triggers = Task.WhenAll(Enumerable.Range(first, Wave).Select(number => Task.Run(() => Trigger(number))));
            if (wave < Kills)
            {
                // Amid the wave's own steps: some runs wait, some are in a step, some are being accepted.
                var seen = ledger.Lines.Count;
                await Until.True("the wave is at work", () =>
                {
                    ledger.Read();
                    return Task.FromResult(ledger.Lines.Count > seen + Wave);
                });
                var postmaster = suite.Postmaster ?? throw new InvalidOperationException("There is no PostgreSQL to kill.");
                global::System.Diagnostics.Process.GetProcessById(postmaster).Kill();
                await Until.True("another PostgreSQL runs", () => Task.FromResult(suite.Postmaster is { } next && next != postmaster));
                output.WriteLine($"killed PostgreSQL {postmaster} with {first + Wave - ledger.Done} runs on their way");
            }

            accepted.AddRange(await triggers);
        }

        foreach (var id in accepted)
            Assert.Equal("completed", (string?)(await Patiently(id))["status"]);
        Assert.Equal(Runs, accepted.Distinct().Count());
        Assert.Equal(Runs, (await api.All("/jobs/v1/runs?job_id=order&limit=500")).Count);
        ledger.Read();
        var acknowledged = ledger.Lines.Where(line => line.What == "acknowledged").ToDictionary(line => (line.Run, line.Step), line => line.At);
        Assert.All(ledger.Lines.Where(line => line.What == "start"), start =>
            Assert.True(!acknowledged.TryGetValue((start.Run, start.Step), out var end) || start.At < end, $"{start} came after the step's acknowledgement"));
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
