using System.Diagnostics;
using System.Globalization;
using Npgsql;
using ReactorJobs.Bench.Measuring;
using ReactorJobs.Bench.Suite;

namespace ReactorJobs.Bench.Workloads;

/// <summary>
/// Transactions of an application that insert a row, every other one with a call of reactor_jobs.trigger: what the call costs the application, and how
/// long it takes from before the transaction to the handler's first line. Both kinds alternate on the same connections, so that whatever else the
/// machine does slows both down.
/// </summary>
static class Sql
{
    const int Transactions = 2000;
    const int Connections = 8;
    const int PerSecond = 200;
    const string Role = "bench_shop";

    const string Plain = "insert into bench_order (note) values ('plain')";
    const string Calling = $"insert into bench_order (note) values ('calling'); select reactor_jobs.trigger('{Jobs.Trivial}', jsonb_build_object('at', {{0}}))";

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
            var (plain, calling) = await Transact(stage, application, transactions);
            var usage = meter.Stop();
            stage.Report.Add(new("sql", calling.Length, usage, Percentiles.Of(await stage.Worker.Notes()))
            {
                RunsPerSecond = calling.Length / usage.Seconds,
                Extra = new Dictionary<string, double>
                {
                    ["plain_p50_us"] = Percentiles.Of(plain)!.Value.P50,
                    ["calling_p50_us"] = Percentiles.Of(calling)!.Value.P50,
                    ["slowdown_p50_us"] = Percentiles.Of(calling)!.Value.P50 - Percentiles.Of(plain)!.Value.P50,
                    ["slowdown_mean_us"] = calling.Average() - plain.Average(),
                },
            });
        }
    }

    /// <summary>How long each transaction took, its commit included, in microseconds; ends when the runs that they have started have ended.</summary>
    static async Task<(double[] Plain, double[] Calling)> Transact(Stage stage, NpgsqlDataSource application, int transactions)
    {
        var took = new double[transactions];
        var reached = await stage.Worker.Expect(transactions / 2);
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            await using var connection = await application.OpenConnectionAsync(stage.Stop);
            for (int i; (i = Interlocked.Increment(ref next)) < transactions;)
            {
                var early = TimeSpan.FromSeconds((double)i / PerSecond) - Stopwatch.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, stage.Time, stage.Stop);
                var begun = Stopwatch.GetTimestamp();
                var sql = i % 2 == 0 ? Plain : string.Format(CultureInfo.InvariantCulture, Calling, Caller.Monotonic());
                await using var command = new NpgsqlCommand($"begin; {sql}; commit", connection);
                await command.ExecuteNonQueryAsync(stage.Stop);
                took[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            }
        }));
        await reached.WaitAsync(stage.Stop);
        await stage.Database.NothingDue(stage.Stop);
        return ([.. took.Where((_, i) => i % 2 == 0)], [.. took.Where((_, i) => i % 2 == 1)]);
    }
}
