using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>Any process of the suite dies while runs are on their way: it is started again, and nothing is lost or done twice.</summary>
public sealed class When_a_process_of_the_suite_is_killed(ITestOutputHelper output) : IAsyncLifetime
{
    const int Wave = 60;
    static readonly string[] Victims = ["scheduler-1", "executor-1", "events-1", "ingress-1", "rabbitmq", "postgresql"];

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
        var orders = new Orders(api, ledger);
        await orders.Define();
        foreach (var victim in Victims)
        {
            var triggers = orders.Trigger(Wave);
            await orders.AreAtWork(lines: Wave / 2);
            var killed = suite.Processes()[victim];
            global::System.Diagnostics.Process.GetProcessById(killed).Kill();
            output.WriteLine($"killed {victim} ({killed}) with {orders.UnderWay} runs on their way");
            await Until.True($"another {victim} is listed", () => Task.FromResult(suite.Processes()[victim] != killed));
            await triggers;
        }

        await orders.AreDoneOnce();

        var processes = suite.Processes();
        Assert.Equal(0, await suite.Stop(TimeSpan.FromSeconds(20)));
        Assert.False(File.Exists(Path.Combine(suite.Data, "processes.json")));
        Assert.All(processes, x => Assert.False(Directory.Exists($"/proc/{x.Value}"), $"{x.Key} ({x.Value}) is still there"));
    }
}
