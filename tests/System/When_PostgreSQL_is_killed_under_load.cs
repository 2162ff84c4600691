using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>The database dies while runs are on their way: the suite starts it again, callers wait or try again, and nothing is lost or done twice.</summary>
public sealed class When_PostgreSQL_is_killed_under_load(ITestOutputHelper output) : IAsyncLifetime
{
    const int Kills = 4;
    const int Wave = 80;

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
        var orders = new Orders(api, ledger);
        await orders.Define();
        for (var wave = 0; wave <= Kills; wave++)
        {
            var triggers = orders.Trigger(Wave);
            if (wave < Kills)
            {
                await orders.AreAtWork(lines: Wave);
                var postmaster = suite.Postmaster ?? throw new InvalidOperationException("There is no PostgreSQL to kill.");
                global::System.Diagnostics.Process.GetProcessById(postmaster).Kill();
                await Until.True("another PostgreSQL runs", () => Task.FromResult(suite.Postmaster is { } next && next != postmaster));
                output.WriteLine($"killed PostgreSQL {postmaster} with {orders.UnderWay} runs on their way");
            }

            await triggers;
        }

        await orders.AreDoneOnce();
    }
}
