using System.Diagnostics;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// RabbitMQ is killed under load, its folder is deleted, and it comes again empty: the broker is not the truth. Callers notice nothing, and all
/// that was accepted completes.
/// </summary>
public sealed class When_the_broker_is_wiped(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Calls before the kill, and from the moment that another RabbitMQ begins to start; it is away for most of those.</summary>
    const int Before = 400;
    const int After = 1_600;

    readonly SuiteProcess suite = new() { InSeveralProcesses = true };
    WorkerProcess worker = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite.Launch();
        await suite.Serves();
        api = new(suite.Url, suite.Token);
        worker = WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", suite.Folder("ledger")));
    }

    public async Task DisposeAsync()
    {
        if (worker is not null)
            await worker.DisposeAsync();
        api?.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task No_call_fails_and_everything_accepted_completes()
    {
        await api.Job("notice", new { max_concurrency = 100_000 });
        await api.Job("invoice", new { max_concurrency = 100_000, triggers = new[] { new { kind = "event", topic = "order.done" } } });
        var load = new SteadyLoad(TimeSpan.FromMilliseconds(5), "notice", "order.done", (path, body) => api.Post(path, body));
        load.Begin();
        await Until.True("the load runs", () => Task.FromResult(load.Calls > Before));

        var folder = Path.Combine(suite.Data, "rabbitmq");
        var before = suite.Processes()["rabbitmq"];
        Process.GetProcessById(before).Kill();
        Directory.Move(folder, suite.Folder("wiped") + "/rabbitmq");
        await Until.True("another RabbitMQ is listed", () => Task.FromResult(suite.Processes()["rabbitmq"] != before));
        var began = Stopwatch.GetTimestamp();
        var since = load.Calls;
        await Until.True("calls went on", () => Task.FromResult(load.Calls > since + After));
        await load.End(output);
        Assert.Empty(load.Failures);

        await using var database = await suite.OpenDatabase();
        await Until.True("all is done", async () => await database.Count("select count(*) from scheduler.run where status <> 'completed'") == 0
            && await database.Count("select count(*) from scheduler.run where job = 'invoice'") >= load.Events);
        output.WriteLine($"all was done {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s after another RabbitMQ had begun");
        Assert.Equal(load.Events, await database.Count("select count(*) from scheduler.run where job = 'invoice'"));
        Assert.Equal(load.Accepted.Count, await database.Count("select count(*) from scheduler.run where job = 'notice'"));
        Assert.Equal(load.Calls - load.Events, load.Accepted.Distinct().Count());
        output.WriteLine($"{await database.Count("select count(*) from scheduler.run where epoch > 1")} runs needed a second attempt");
        await using (var q = new Npgsql.NpgsqlCommand("select outcome, error::text, count(*), min(started_at)::text, max(ended_at)::text from executor.attempt group by 1, 2", database))
        await using (var r = await q.ExecuteReaderAsync())
            while (await r.ReadAsync()) output.WriteLine($"{r[0]} {r[1]} {r[2]} {r[3]} {r[4]}");
    }
}
