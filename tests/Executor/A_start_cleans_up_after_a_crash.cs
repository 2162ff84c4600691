using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests.Executor;

/// <summary>What an executor that ended without a word has left: leases, and messages that no broker has confirmed.</summary>
[Collection(WithPostgres.Name)]
public sealed class A_start_cleans_up_after_a_crash(ExecutorDatabase server)
{
    [Fact]
    public async Task Leases_of_the_same_name_end_and_messages_are_sent()
    {
        await using var database = new ServiceDatabase(server.Options, "executor", 2);
        var store = new PostgresAttemptStore(database);
        var crashed = new Bench(store, _ => new TaskCompletionSource().Task);
        await store.Beat(new(Bench.Here, "phoenix"), crashed.Time.GetUtcNow(), default);
        var (running, ended) = (crashed.NewRun(org: "crash"), crashed.NewRun(org: "crash"));
        await crashed.Claim(running);
        await crashed.Claim(ended);
        await crashed.Complete(ended);

        await using var host = await ExecutorHost.Start(server.Options, x => x with { Name = "phoenix" });

        Assert.Equal("\"ok\"", (await host.Finished(ended)).Result.ToString());
        Assert.Equal(0, await Count(database, "select count(*) from lease"));
        Assert.Equal(1, await Count(database, "select count(*) from attempt where outcome = 'lost'"));

        // A dispatch of the lost epoch that is still on its way is answered with its outcome, so the scheduler starts a new one.
        await using var worker = await TestWorker.Join(host, org: "crash");
        await host.Send(running);
        Assert.Equal(AttemptOutcomes.Lost, (await host.Finished(running)).Outcome);
    }

    static Task<long> Count(ServiceDatabase database, string sql) => database.InOrg("crash", async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    });
}
