using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// The promise of the product: whatever is killed and whenever, each accepted run completes, a step whose checkpoint was acknowledged never
/// starts again, and an event reaches each subscriber once.
/// </summary>
public sealed class When_the_host_is_killed_again_and_again(ITestOutputHelper output) : IAsyncLifetime
{
    const int Runs = 2000;
    const int HostKills = 20;
    const int WorkerKills = 10;
    const int Workers = 3;

    /// <summary>Runs that each kill lets in: it spreads the triggers over the whole test, so that no kill comes when all is done.</summary>
    const int Wave = Runs / (HostKills + WorkerKills + 1);

    /// <summary>Lines that a wave writes at the very least: starts and acknowledgements of three steps.</summary>
    const int LinesOfAWave = Wave * 6;

    const string Topic = "order.done";
    static readonly string[] Subscribers = ["invoice", "notice"];
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("REACTOR_SEED"), out var given) ? given : (int)(TimeProvider.System.GetTimestamp() & 0xffffff);
    readonly ConcurrentDictionary<string, string> accepted = new();
    readonly List<WorkerProcess> workers = [];
    SuiteProcess suite = null!;
    Ledger ledger = null!;
    Api api = null!;
    long began;
    int asked;
    int letIn = Wave;

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
        await api.Job("order", new { max_concurrency = 100_000 });
        foreach (var subscriber in Subscribers)
            await api.Job(subscriber, new { max_concurrency = 100_000, triggers = new[] { new { kind = "event", topic = Topic } } });
        for (var i = 0; i < Workers; i++)
            workers.Add(Worker());

        began = TimeProvider.System.GetTimestamp();
        Say($"seed {seed} (REACTOR_SEED repeats the choices, not the timing)");
        var triggers = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Trigger)));
        var kills = await KillAll();
        await triggers;
        var triggered = TimeProvider.System.GetElapsedTime(began);
        await Quiet();
        var duration = TimeProvider.System.GetElapsedTime(began);

        await using var database = await suite.OpenDatabase();
        var touched = await Count(database, "select count(distinct run_id) from executor.attempt a join scheduler.run r on r.id = a.run_id where r.job = 'order' and a.outcome = 'lost'");
        var losses = await Count(database, "select count(*) from executor.attempt where outcome = 'lost'");
        var epochs = await Count(database, "select max(epoch) from scheduler.run");
        ledger.Read();
        var again = ledger.Lines.Where(line => line.What == "start").GroupBy(line => (line.Run, line.Step)).Count(starts => starts.Count() > 1);
        Say($"""

            runs                          {Runs,6}   and {Runs * Subscribers.Length} of subscribers
            hosts killed                  {kills.Hosts,6}   of them with runs in flight: {kills.InFlight}
            workers killed                {kills.Workers,6}
            orders with a lost attempt    {touched,6}   ({100.0 * touched / Runs:0.0} %)
            attempts lost                 {losses,6}   highest epoch {epochs}
            steps that started twice      {again,6}   before their checkpoint was acknowledged
            ledger lines                  {ledger.Lines.Count,6}
            longest outage, ms            {kills.Outages.Max(),6:0}   mean {kills.Outages.Average():0}
            triggers took, s              {triggered.TotalSeconds,6:0.0}
            all took, s                   {duration.TotalSeconds,6:0.0}
            """);

        await EveryAcceptedRunIsThereOnceAndCompleted();
        NoStepStartsAfterItsAcknowledgement();
        await WhatWasAcknowledgedIsWhatTheRunHas(database);
        await EveryEventCameOncePerSubscriber(database);
        await NothingIsLeftOver(database);

        // A test that killed nothing, or nothing that was at work, proves nothing.
        Assert.Equal((HostKills, WorkerKills), (kills.Hosts, kills.Workers));
        Assert.Equal(HostKills, kills.InFlight);
        Assert.True(touched >= Runs / 20, $"Only {touched} of {Runs} runs were touched by a kill.");
    }

    async Task Trigger()
    {
        while (Interlocked.Increment(ref asked) is var number && number <= Runs)
        {
            while (number > Volatile.Read(ref letIn))
                await Until.Pause();
            var key = $"order-{number}";
            var answer = await api.Persist(HttpMethod.Post, "/jobs/v1/order/trigger", JsonSerializer.Serialize(new { payload = new { number } }), key);
            accepted[key] = (string)answer.Is(HttpStatusCode.Accepted).Json["id"]!;
        }
    }

    sealed record Kills(int Hosts, int Workers, int InFlight, IReadOnlyList<double> Outages);

    /// <summary>Kills by what was done, not by time: after a random number of further lines of what the workers do, which a new wave of runs has more of.</summary>
    async Task<Kills> KillAll()
    {
        var dice = new Random(seed);
        var order = Enumerable.Repeat(true, HostKills).Concat(Enumerable.Repeat(false, WorkerKills)).ToArray();
        dice.Shuffle(order);
        var (hosts, killedWorkers, inFlight) = (0, 0, 0);
        var outages = new List<double>();
        foreach (var (kill, isHost) in order.Index())
        {
            ledger.Read();
            await Reaches("ledger lines", () => ledger.Lines.Count, ledger.Lines.Count + dice.Next(1, LinesOfAWave * 9 / 10));
            // Not right at the line that was just read: a kill may come at any moment.
            await Task.Delay(TimeSpan.FromMilliseconds(dice.Next(0, 50)), TimeProvider.System);
            if (isHost)
            {
                var left = Math.Min(Volatile.Read(ref asked), Runs) - ledger.Done;
                inFlight += left > 0 ? 1 : 0;
                var since = TimeProvider.System.GetTimestamp();
                await suite.Kill();
                suite.Launch();
                hosts++;
                LetIn(kill);
                await suite.Serves();
                outages.Add(TimeProvider.System.GetElapsedTime(since).TotalMilliseconds);
                Say($"{Elapsed()} killed the host ({left} in flight, {ledger.Done} done), back after {outages[^1]:0} ms");
            }
            else
            {
                var which = dice.Next(workers.Count);
                await workers[which].Kill();
                await workers[which].DisposeAsync();
                workers[which] = Worker();
                killedWorkers++;
                LetIn(kill);
                Say($"{Elapsed()} killed a worker ({ledger.Done} done)");
            }
        }

        return new(hosts, killedWorkers, inFlight, outages);
    }

    /// <summary>The next wave, and with the last kill all that is left.</summary>
    void LetIn(int kill) => Volatile.Write(ref letIn, kill + 1 == HostKills + WorkerKills ? Runs : Wave * (kill + 2));

    async Task Reaches(string what, Func<int> count, int target)
    {
        await Until.True($"{target} {what} ({Elapsed()}, seed {seed})", () =>
        {
            ledger.Read();
            if (suite.Child.HasExited)
                throw new InvalidOperationException($"The suite ended by itself with {suite.Child.ExitCode}.\n{suite.Child.LastWords}");
            return Task.FromResult(count() >= target);
        }, TimeSpan.FromMinutes(1));
    }

    /// <summary>All runs that there must be have ended, and everything that is written in passing was cleaned up.</summary>
    async Task Quiet()
    {
        await using var database = await suite.OpenDatabase();
        const string open = "select count(*) from scheduler.run where status not in ('completed', 'failed', 'cancelled')";
        try
        {
            await Reaches("orders done", () => ledger.Done, Runs);
            await Until.True("all runs have ended", async () =>
                await Count(database, "select count(*) from scheduler.run") >= Runs * (1 + Subscribers.Length) && await Count(database, open) == 0, Patience);
            foreach (var table in Transient)
                await Until.True($"{table} is empty", async () => await Count(database, $"select count(*) from {table}") == 0);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{await State(database)}\n{suite.Child.LastWords}", exception);
        }
    }

    static readonly string[] Transient = ["scheduler.outbox", "executor.outbox", "events.outbox", "executor.lease", "scheduler.timer"];

    async Task EveryAcceptedRunIsThereOnceAndCompleted()
    {
        Assert.Equal(Runs, accepted.Count);
        Assert.Equal(Runs, accepted.Values.Distinct().Count());
        var listed = await api.All("/jobs/v1/runs?job_id=order&limit=500");
        Assert.Equal(accepted.Values.Order(StringComparer.Ordinal), listed.Select(run => (string)run["id"]!).Order(StringComparer.Ordinal));
        Assert.All(listed, run => Assert.Equal("completed", (string?)run["status"]));
        foreach (var subscriber in Subscribers)
        {
            var runs = await api.All($"/jobs/v1/runs?job_id={subscriber}&limit=500");
            Assert.Equal(Runs, runs.Count);
            Assert.All(runs, run => Assert.Equal("completed", (string?)run["status"]));
        }
    }

    void NoStepStartsAfterItsAcknowledgement()
    {
        var acknowledged = new Dictionary<(string, string), LedgerLine>();
        foreach (var line in ledger.Lines.Where(line => line.What == "acknowledged"))
            Assert.True(acknowledged.TryAdd((line.Run, line.Step), line), $"{line.Run} {line.Step} was acknowledged twice: {line}");
        foreach (var start in ledger.Lines.Where(line => line.What == "start"))
            if (acknowledged.TryGetValue((start.Run, start.Step), out var end))
                Assert.True(start.At < end.At, $"{start.Run} started {start.Step} again after its checkpoint was acknowledged:\n{end}\n{start}");
        Assert.True(acknowledged.Count > Runs * 4, $"Only {acknowledged.Count} steps were acknowledged.");
    }

    async Task WhatWasAcknowledgedIsWhatTheRunHas(NpgsqlConnection database)
    {
        string[] steps = ["reserve", "charge", "ship"];
        var results = new Dictionary<string, string[]>();
        await using var command = new NpgsqlCommand("select id, result from scheduler.run where job = 'order'", database);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            results[new RunId(reader.GetGuid(0)).ToString()] = JsonSerializer.Deserialize<string[]>(reader.GetString(1))!;
        foreach (var line in ledger.Lines.Where(line => line.What == "acknowledged" && results.ContainsKey(line.Run)))
            Assert.Equal(line.Value, results[line.Run][Array.IndexOf(steps, line.Step)]);
    }

    async Task EveryEventCameOncePerSubscriber(NpgsqlConnection database)
    {
        Assert.Equal(Runs, await Count(database, $"select count(*) from events.event where topic = '{Topic}' and deliveries = {Subscribers.Length}"));
        Assert.Equal(Runs, await Count(database, "select count(*) from events.event"));
        foreach (var subscriber in Subscribers)
        {
            await using var command = new NpgsqlCommand("select payload::jsonb ->> 'run' from scheduler.run where job = $1", database) { Parameters = { new() { Value = subscriber } } };
            await using var reader = await command.ExecuteReaderAsync();
            var heard = new List<string>();
            while (await reader.ReadAsync())
                heard.Add(reader.GetString(0));
            Assert.Equal(accepted.Values.Order(StringComparer.Ordinal), heard.Order(StringComparer.Ordinal));
        }
    }

    static async Task NothingIsLeftOver(NpgsqlConnection database)
    {
        foreach (var table in Transient)
            Assert.Equal((table, 0), (table, await Count(database, $"select count(*) from {table}")));
        Assert.Equal(0, await Count(database, "select count(*) from scheduler.job_load where due <> 0 or running <> 0"));
        Assert.Equal(0, await Count(database, "select count(*) from scheduler.run where status <> 'completed' or due"));
        Assert.Equal(0, await Count(database, "select count(*) from scheduler.dead_letter"));
    }

    static async Task<string> State(NpgsqlConnection database)
    {
        await using var command = new NpgsqlCommand(
            """
            select string_agg(line, E'\n') from (
              select format('%s %s due=%s: %s', job, status, due, count(*)) as line from scheduler.run group by job, status, due
              union all select format('%s epoch %s %s %s executor %s dispatched %s wake %s', id, epoch, job, status, executor, dispatched_at, wake_at)
                from (select * from scheduler.run where status not in ('completed', 'failed', 'cancelled') limit 10) r
              union all select format('scheduler.outbox %s', count(*)) from scheduler.outbox
              union all select format('executor.outbox %s', count(*)) from executor.outbox
              union all select format('events.outbox %s', count(*)) from events.outbox
              union all select format('timer %s, past due %s', count(*), count(*) filter (where due_at < now())) from scheduler.timer
              union all select format('lease %s', count(*)) from executor.lease
              union all select format('load %s due %s running %s', job, due, running) from scheduler.job_load
              union all select format('events %s', count(*)) from events.event) x
            """, database);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) ?? "";
    }

    static async Task<int> Count(NpgsqlConnection database, string sql)
    {
        await using var command = new NpgsqlCommand(sql, database);
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    WorkerProcess Worker() => WorkerProcess.Start(suite, "orders.mjs", ("LEDGER", ledger.Folder));

    string Elapsed() => $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:0.0} s";

    void Say(string line) => output.WriteLine(line);
}
