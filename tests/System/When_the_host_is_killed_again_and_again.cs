using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// The promise of the product: whatever is killed and whenever, each accepted run completes, a step whose checkpoint was acknowledged never
/// starts again, and an event reaches each subscriber once.
/// </summary>
public sealed class When_the_host_is_killed_again_and_again(ITestOutputHelper output) : IAsyncLifetime
{
    const int Workers = 3;

    readonly List<WorkerProcess> workers = [];
    SuiteProcess suite = null!;
    Ledger ledger = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite = await SuiteProcess.StartNew();
        ledger = new(suite.Folder("ledger"));
        api = new(suite.Url, suite.Token);
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in workers)
            await worker.DisposeAsync();
        api.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task Every_run_completes_and_no_acknowledged_step_runs_again()
    {
        for (var i = 0; i < Workers; i++)
            workers.Add(Worker());
        await new OrdersUnderKills(new(Runs: 2000, HostKills: 20, HandlerKills: 10, Touched: 100), suite, api, ledger, suite.Kill, KillWorker, output).KeepEveryPromise();
    }

    async Task KillWorker(Random dice)
    {
        var which = dice.Next(workers.Count);
        await workers[which].Kill();
        await workers[which].DisposeAsync();
        workers[which] = Worker();
    }

    WorkerProcess Worker() => WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", ledger.Folder));
}
