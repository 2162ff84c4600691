using Npgsql;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// The primary dies with its machine, and after a while its synchronous standby is promoted. The services know both by one connection string, and find the
/// one that takes writes: at their start, and from then on.
/// </summary>
public sealed class When_PostgreSQL_is_replaced_by_its_standby(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>From the primary's end to the standby's promotion, while the standby answers and takes no writes: above every time limit on the way.</summary>
    static readonly TimeSpan Interregnum = TimeSpan.FromSeconds(9);

    static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    const int Wave = 100;

    readonly List<IAsyncDisposable> running = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        running.Reverse();
        foreach (var one in running)
            await one.DisposeAsync();
    }

    [Fact]
    public async Task Callers_are_told_so_soon_and_what_was_accepted_completes_once()
    {
        // The standby comes first: whoever took any host would take that one.
        var (standbyPort, primaryPort) = (SuiteProcess.FreePort(), SuiteProcess.FreePort());
        var installation = Keep(new Installation($"Host=127.0.0.1:{standbyPort},127.0.0.1:{primaryPort};Username=postgres;Database=postgres"));
        await installation.Launch();
        await Until.True("the programs say that they wait", () => Task.FromResult(installation.Programs.Values.All(x => x.Errors.Length > 0)));
        var primary = Keep(await Cluster.NewPrimary(installation.Logs, primaryPort));
        var standby = Keep(await primary.NewSynchronousStandby(standbyPort));
        await installation.Serves();
        Assert.All(installation.Programs.Values, x => Assert.All(Lines(x.Errors), line => Assert.StartsWith("PostgreSQL does not answer and is tried again until it does: ", line, StringComparison.Ordinal)));

        var ledger = new Ledger(installation.Folder("ledger"));
        using var api = new Api(installation.Url, installation.Token);
        for (var i = 0; i < 2; i++)
            Keep(WorkerProcess.Start(installation, "orders.mjs", ("LEDGER", ledger.Folder)));
        var orders = new Orders(api, ledger);
        var callers = new Callers(api);
        await orders.Define();
        await callers.Prepare();
        await orders.Trigger(Wave / 2);
        var triggers = orders.Trigger(Wave / 2);
        await orders.AreAtWork(lines: Wave / 2);

        primary.Kill();
        output.WriteLine($"killed the primary with {orders.UnderWay} runs on their way");
        using (var over = new CancellationTokenSource(Interregnum))
        {
            var calling = callers.Call(over.Token);
            triggers = Task.WhenAll(triggers, orders.Trigger(Wave));
            await calling;
        }

        var since = TimeProvider.System.GetTimestamp();
        await standby.Promote();
        await api.Persist(HttpMethod.Post, "/jobs/v1/later/trigger", """{"delay": "1h"}""");
        await api.Persist(HttpMethod.Get, "/jobs/v1/runs?limit=1");
        var recovery = TimeProvider.System.GetElapsedTime(since);
        await triggers;
        await orders.Trigger(Wave);
        await orders.AreDoneOnce();

        await using var database = await standby.Open("reactor");
        output.WriteLine($"""
            {callers}
            calls succeed {recovery.TotalMilliseconds:0} ms after the promotion; attempts lost: {await database.Count("select count(*) from executor.attempt where outcome = 'lost'")}, highest epoch {await database.Count("select max(epoch) from scheduler.run")}; steps that started twice: {ledger.StartedAgain}
            all is done after {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s
            """);
        callers.WereToldInTime(refused: true);
        Assert.True(recovery < Soon, $"Calls succeeded again after {recovery.TotalSeconds:0.0} s only.");
    }

    T Keep<T>(T one) where T : IAsyncDisposable
    {
        running.Add(one);
        return one;
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
