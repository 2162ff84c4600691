using System.Globalization;
using Npgsql;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// The database is away for longer than anybody waits: it is gone, or it is frozen, with all connections open and nothing answered. Callers are
/// told so soon, and when it is back everything that was accepted completes once.
/// </summary>
public sealed class When_PostgreSQL_is_stopped_for_a_while(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Above every time limit on the way, of which the longest is 5 s.</summary>
    static readonly TimeSpan Outage = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("REACTOR_OUTAGE_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 9);

    static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    const int Wave = 100;

    readonly List<WorkerProcess> workers = [];
    SuiteProcess suite = null!;
    Ledger ledger = null!;
    Api api = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var worker in workers)
            await worker.DisposeAsync();
        api?.Dispose();
        if (suite is not null)
            await suite.DisposeAsync();
    }

    [Theory]
    [InlineData("one process", "gone")]
    [InlineData("several processes", "frozen")]
    public async Task Callers_are_told_so_soon_and_what_was_accepted_completes_once(string host, string outage)
    {
        await Start(inSeveralProcesses: host == "several processes");
        var orders = new Orders(api, ledger);
        var callers = new Callers(api);
        await orders.Define();
        await callers.Prepare();
        await orders.Trigger(Wave / 2);
        var waiting = callers.WaitForAnEnd();
        var triggers = orders.Trigger(Wave / 2);
        await orders.AreAtWork(lines: Wave / 2);

        var takenAway = TimeProvider.System.GetTimestamp();
        var giveBack = outage == "frozen" ? Freeze() : End();
        output.WriteLine($"PostgreSQL is {outage} with {orders.UnderWay} runs on their way");
        using (var over = new CancellationTokenSource(Outage))
        {
            var calling = callers.Call(over.Token);
            var more = orders.Trigger(Wave);
            await waiting.WaitAsync(Soon);
            await calling;
            output.WriteLine($"after {TimeProvider.System.GetElapsedTime(takenAway).TotalSeconds:0.0} s it comes back");
            giveBack();
            triggers = Task.WhenAll(triggers, more);
        }

        var (since, back) = (TimeProvider.System.GetTimestamp(), TimeProvider.System.GetUtcNow());
        await api.Persist(HttpMethod.Post, "/jobs/v1/later/trigger", """{"delay": "1h"}""");
        await api.Persist(HttpMethod.Get, "/jobs/v1/runs?limit=1");
        var recovery = TimeProvider.System.GetElapsedTime(since);
        await triggers;
        await orders.Trigger(Wave);
        await orders.AreDoneOnce();

        await using var database = await suite.OpenDatabase();
        var lost = await database.Count("select count(*) from executor.attempt where outcome = 'lost'");
        output.WriteLine($"""
            {callers}
            calls succeed again after {recovery.TotalMilliseconds:0} ms; attempts lost: {lost}, highest epoch {await database.Count("select max(epoch) from scheduler.run")}; steps that started twice: {ledger.StartedAgain}
            the last of what was accepted before that is done {await LastAfter(database, back):0.0} s after it is back, and all after {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s
            """);
        callers.WereToldInTime(refused: true);
        Assert.True(recovery < Soon, $"Calls succeeded again after {recovery.TotalSeconds:0.0} s only.");
        // The workers and the executors were there all the time.
        Assert.Equal(0, lost);
    }

    static async Task<object?> LastAfter(NpgsqlConnection database, DateTimeOffset back)
    {
        await using var command = new NpgsqlCommand("select extract(epoch from max(completed_at) - $1) from scheduler.run where created_at < $1", database) { Parameters = { new() { Value = back } } };
        return await command.ExecuteScalarAsync();
    }

    async Task Start(bool inSeveralProcesses)
    {
        suite = new() { InSeveralProcesses = inSeveralProcesses };
        suite.Launch();
        await suite.Serves();
        ledger = new(suite.Folder("ledger"));
        api = new(suite.Url, suite.Token);
        for (var i = 0; i < 2; i++)
            workers.Add(WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", ledger.Folder)));
    }

    Action Freeze()
    {
        var postmaster = Postmaster;
        Signals.Stop(postmaster);
        return () => Signals.Continue(postmaster);
    }

    /// <summary>Its keeper tries to start it again all the time, which fails without this file.</summary>
    Action End()
    {
        var control = Path.Combine(suite.Data, "postgres", "global", "pg_control");
        File.Move(control, control + ".away");
        Signals.Kill(Postmaster);
        return () => File.Move(control + ".away", control);
    }

    int Postmaster => suite.Postmaster ?? throw new InvalidOperationException("There is no PostgreSQL.");
}
