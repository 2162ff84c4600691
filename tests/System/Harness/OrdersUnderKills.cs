using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Npgsql;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>How much is done, and how often something is killed meanwhile.</summary>
/// <param name="HandlerKills">Of processes that run handlers.</param>
/// <param name="Touched">How many orders the kills have to hit: a trial that was lucky proves nothing.</param>
sealed record Torment(int Runs, int HostKills, int HandlerKills, int Touched)
{
    /// <summary>Runs that each kill lets in: it spreads the triggers over the whole test, so that no kill comes when all is done.</summary>
    public int Wave => Runs / (HostKills + HandlerKills + 1);

    /// <summary>Lines that a wave writes at the very least: starts and acknowledgements of three steps.</summary>
    public int LinesOfAWave => Wave * 6;
}

/// <summary>Orders and their subscribers (<c>workers/order-handlers.mjs</c>), triggered in waves while the host and the handlers' processes are killed.</summary>
/// <param name="killHost">Kills it, and looks at what is left.</param>
/// <param name="killHandler">Kills one process that runs handlers; it, or another one, is there again without the trial's doing.</param>
sealed class OrdersUnderKills(Torment torment, SuiteProcess suite, Api api, Ledger ledger, Func<Task> killHost, Func<Random, Task> killHandler, ITestOutputHelper output)
{
    public static readonly IReadOnlyList<string> Transient = ["scheduler.outbox", "executor.outbox", "events.outbox", "executor.lease", "scheduler.timer"];
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("REACTOR_SEED"), out var given) ? given : (int)(TimeProvider.System.GetTimestamp() & 0xffffff);
    readonly ConcurrentDictionary<string, string> accepted = new();
    readonly List<double> outages = [];
    long began;
    int asked;
    int letIn = torment.Wave;
    int handlers;
    int inFlight;

    public async Task KeepEveryPromise()
    {
        await new Orders(api, ledger).Define();

        began = TimeProvider.System.GetTimestamp();
        Say($"seed {seed} (REACTOR_SEED repeats the choices, not the timing)");
        var triggers = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Trigger)));
        await KillAll();
        await triggers;
        var triggered = TimeProvider.System.GetElapsedTime(began);
        await Quiet();
        var duration = TimeProvider.System.GetElapsedTime(began);

        await using var database = await suite.OpenDatabase();
        ledger.Read();
        var touched = await database.Count("select count(distinct run_id) from executor.attempt a join scheduler.run r on r.id = a.run_id where r.job = 'order' and a.outcome = 'lost'");
        Say($"""

            runs                          {torment.Runs,6}   and {torment.Runs * Orders.Subscribers.Count} of subscribers
            hosts killed                  {outages.Count,6}   of them with runs in flight: {inFlight}
            handlers' processes killed    {handlers,6}
            orders with a lost attempt    {touched,6}   ({100.0 * touched / torment.Runs:0.0} %)
            attempts lost                 {await database.Count("select count(*) from executor.attempt where outcome = 'lost'"),6}   highest epoch {await database.Count("select max(epoch) from scheduler.run")}
            steps that started twice      {ledger.StartedAgain,6}   before their checkpoint was acknowledged
            ledger lines                  {ledger.Lines.Count,6}
            longest outage, ms            {outages.Max(),6:0}   mean {outages.Average():0}
            triggers took, s              {triggered.TotalSeconds,6:0.0}
            all took, s                   {duration.TotalSeconds,6:0.0}
            """);
        await new OrderPromises(torment.Runs, [.. accepted.Values], api, ledger, database).Check();

        // A test that killed nothing, or nothing that was at work, proves nothing.
        Assert.Equal((torment.HostKills, torment.HandlerKills), (outages.Count, handlers));
        Assert.Equal(torment.HostKills, inFlight);
        Assert.True(touched >= torment.Touched, $"Only {touched} of {torment.Runs} runs were touched by a kill.");
    }

    async Task Trigger()
    {
        while (Interlocked.Increment(ref asked) is var number && number <= torment.Runs)
        {
            while (number > Volatile.Read(ref letIn))
                await Until.Pause();
            var key = $"order-{number}";
            var answer = await api.Persist(HttpMethod.Post, "/jobs/v1/order/trigger", JsonSerializer.Serialize(new { payload = new { number } }), key);
            accepted[key] = (string)answer.Is(HttpStatusCode.Accepted).Json["id"]!;
        }
    }

    /// <summary>Kills by what was done, not by time: after a random number of further lines of what the handlers do, which a new wave of runs has more of.</summary>
    async Task KillAll()
    {
        var dice = new Random(seed);
        var order = Enumerable.Repeat(true, torment.HostKills).Concat(Enumerable.Repeat(false, torment.HandlerKills)).ToArray();
        dice.Shuffle(order);
        foreach (var (kill, isHost) in order.Index())
        {
            ledger.Read();
            await Reaches("ledger lines", () => ledger.Lines.Count, ledger.Lines.Count + dice.Next(1, torment.LinesOfAWave * 9 / 10));
            // Not right at the line that was just read: a kill may come at any moment.
            await Task.Delay(TimeSpan.FromMilliseconds(dice.Next(0, 50)), TimeProvider.System);
            if (isHost)
                await KillHost(kill);
            else
            {
                await killHandler(dice);
                handlers++;
                LetIn(kill);
                Say($"{Elapsed()} killed a handlers' process ({ledger.Done} done)");
            }
        }
    }

    async Task KillHost(int kill)
    {
        var left = Math.Min(Volatile.Read(ref asked), torment.Runs) - ledger.Done;
        inFlight += left > 0 ? 1 : 0;
        var since = TimeProvider.System.GetTimestamp();
        await killHost();
        suite.Launch();
        LetIn(kill);
        await suite.Serves();
        outages.Add(TimeProvider.System.GetElapsedTime(since).TotalMilliseconds);
        Say($"{Elapsed()} killed the host ({left} in flight, {ledger.Done} done), back after {outages[^1]:0} ms");
    }

    /// <summary>The next wave, and with the last kill all that is left.</summary>
    void LetIn(int kill) => Volatile.Write(ref letIn, kill + 1 == torment.HostKills + torment.HandlerKills ? torment.Runs : torment.Wave * (kill + 2));

    async Task Reaches(string what, Func<int> count, int target) =>
        await Until.True($"{target} {what} ({Elapsed()}, seed {seed})", () =>
        {
            ledger.Read();
            if (suite.Child.HasExited)
                throw new InvalidOperationException($"The suite ended by itself with {suite.Child.ExitCode}.\n{suite.Child.LastWords}");
            return Task.FromResult(count() >= target);
        }, TimeSpan.FromMinutes(1));

    /// <summary>All runs that there must be have ended, and everything that is written in passing was cleaned up.</summary>
    async Task Quiet()
    {
        await using var database = await suite.OpenDatabase();
        const string open = "select count(*) from scheduler.run where status not in ('completed', 'failed', 'cancelled')";
        try
        {
            await Reaches("orders done", () => ledger.Done, torment.Runs);
            await Until.True("all runs have ended", async () =>
                await database.Count("select count(*) from scheduler.run") >= torment.Runs * (1 + Orders.Subscribers.Count) && await database.Count(open) == 0, Patience);
            foreach (var table in Transient)
                await Until.True($"{table} is empty", async () => await database.Count($"select count(*) from {table}") == 0);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{await State(database)}\n{suite.Child.LastWords}", exception);
        }
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

    string Elapsed() => $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,6:0.0} s";

    void Say(string line) => output.WriteLine(line);
}

static class Counting
{
    public static async Task<int> Count(this NpgsqlConnection database, string sql)
    {
        await using var command = new NpgsqlCommand(sql, database);
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
