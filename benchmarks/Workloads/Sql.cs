using System.Diagnostics;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using ReactorJobs.Bench.Measuring;
using ReactorJobs.Bench.Suite;

namespace ReactorJobs.Bench.Workloads;

/// <summary>
/// Transactions of an application that insert a row, every other one with a call of reactor_jobs.trigger: what the call costs the application, and how
/// long it takes from before the transaction to the handler's first line. Both kinds alternate on the same connections, so that whatever else the
/// machine does slows both down; every other two are not prepared, as an application's statements may or may not be.
/// </summary>
static class Sql
{
    const int Transactions = 2000;
    const int Connections = 8;
    const int PerSecond = 200;
    const string Role = "bench_shop";

    const string Insert = "insert into bench_order (note) values ($1)";
    const string Call = "select reactor_jobs.trigger($1, $2)";

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        await stage.Database.Execute(
            $"""
            do $$ begin if to_regrole('{Role}') is null then create role {Role} login; end if; end $$;
            create table if not exists bench_order (id bigint generated always as identity primary key, note text);
            grant insert on bench_order to {Role};
            select reactor_jobs.grant_org('{Role}', (select org_id from scheduler.job limit 1))
            """, stage.Stop);
        await using var application = stage.Database.As(Role, Connections);
        await Transact(stage, application, Math.Min(Transactions, stage.Options.WarmUp));
        var transactions = stage.Options.Runs ?? Transactions;
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            stage.Report.Say($"sql: {transactions} transactions at {PerSecond} a second, every other one starts a run");
            var meter = stage.Measure();
            var took = await Transact(stage, application, transactions);
            var usage = meter.Stop();
            Took[] Of(bool calls, bool prepares) => [.. took.Where((_, i) => (i % 2 == 1) == calls && (i % 4 < 2) == prepares)];
            double Median(bool calls, bool prepares) => Percentiles.Of([.. Of(calls, prepares).Select(x => x.Whole)])!.Value.P50;
            double Commit(bool calls) => Percentiles.Of([.. Of(calls, prepares: true).Select(x => x.Commit)])!.Value.P50;
            stage.Report.Add(new("sql", transactions / 2, usage, Percentiles.Of(await stage.Worker.Notes()))
            {
                RunsPerSecond = transactions / 2 / usage.Seconds,
                Extra = new Dictionary<string, double>
                {
                    ["plain_p50_us"] = Median(calls: false, prepares: true),
                    ["calling_p50_us"] = Median(calls: true, prepares: true),
                    ["slowdown_p50_us"] = Median(calls: true, prepares: true) - Median(calls: false, prepares: true),
                    ["slowdown_mean_us"] = Of(calls: true, prepares: true).Average(x => x.Whole) - Of(calls: false, prepares: true).Average(x => x.Whole),
                    ["plain_commit_p50_us"] = Commit(calls: false),
                    ["calling_commit_p50_us"] = Commit(calls: true),
                    ["commit_slowdown_p50_us"] = Commit(calls: true) - Commit(calls: false),
                    ["slowdown_unprepared_p50_us"] = Median(calls: true, prepares: false) - Median(calls: false, prepares: false),
                },
            });
        }
    }

    /// <summary>How long each transaction took, its commit included, in microseconds; ends when the runs that they have started have ended.</summary>
    static async Task<Took[]> Transact(Stage stage, NpgsqlDataSource application, int transactions)
    {
        var took = new Took[transactions];
        var reached = await stage.Worker.Expect(transactions / 2);
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            await using var connection = await application.OpenConnectionAsync(stage.Stop);
            NpgsqlBatch[] kinds = [Batch(connection, calls: false), Batch(connection, calls: true), Batch(connection, calls: false), Batch(connection, calls: true)];
            await using var commit = new NpgsqlCommand("commit", connection);
            foreach (var batch in kinds.Take(2))
                await batch.PrepareAsync(stage.Stop);
            for (int i; (i = Interlocked.Increment(ref next)) < transactions;)
            {
                var early = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, stage.Time, stage.Stop);
                var batch = kinds[i % kinds.Length];
                var begun = Stopwatch.GetTimestamp();
                if (i % 2 == 1)
                    ((NpgsqlParameter<string>)batch.BatchCommands[2].Parameters[1]).TypedValue = string.Create(CultureInfo.InvariantCulture, $$"""{"at":{{Caller.Monotonic()}}}""");
                await batch.ExecuteNonQueryAsync(stage.Stop);
                var worked = Stopwatch.GetTimestamp();
                await commit.ExecuteNonQueryAsync(stage.Stop);
                took[i] = new(Stopwatch.GetElapsedTime(begun).TotalMicroseconds, Stopwatch.GetElapsedTime(worked).TotalMicroseconds);
            }

            foreach (var batch in kinds)
                await batch.DisposeAsync();
        }));
        await reached.WaitAsync(stage.Stop);
        await stage.Database.NothingDue(stage.Stop);
        return took;
    }

    static NpgsqlBatch Batch(NpgsqlConnection connection, bool calls)
    {
        var batch = new NpgsqlBatch(connection) { BatchCommands = { new("begin"), new(Insert) { Parameters = { new() { Value = calls ? "calling" : "plain" } } } } };
        if (calls)
            batch.BatchCommands.Add(new(Call)
            {
                Parameters = { new() { Value = Jobs.Trivial }, new NpgsqlParameter<string> { TypedValue = """{"at":0}""", NpgsqlDbType = NpgsqlDbType.Jsonb } },
            });
        return batch;
    }

    /// <summary>In microseconds.</summary>
    readonly record struct Took(double Whole, double Commit);
}
