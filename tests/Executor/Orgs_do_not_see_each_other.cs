using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Retention;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Tests.Executor;

/// <summary>Row-level security, seen as the service's own role; and retention, which acts org by org.</summary>
[Collection(WithPostgres.Name)]
public sealed class Orgs_do_not_see_each_other(ExecutorDatabase server) : IAsyncLifetime
{
    readonly ServiceDatabase database = new(server.Options, "executor", 4);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await database.DisposeAsync();

    async Task<ExecuteRun> Fill(Bench bench, string org)
    {
        var run = bench.NewRun(org: org);
        await bench.Claim(run);
        await bench.Step(run, "step:a");
        await new LogStore(database).Append([new(0, org, run.RunId, "job", 1, DateTimeOffset.UnixEpoch, "info", null, "x")]);
        await bench.Complete(run);
        await bench.Claim(bench.NewRun(org: org));
        return run;
    }

    [Fact]
    public async Task Another_orgs_rows_can_be_neither_read_nor_changed_nor_written()
    {
        var bench = new Bench(new PostgresAttemptStore(database), _ => new TaskCompletionSource().Task);
        await Fill(bench, "rls-a");
        await Fill(bench, "rls-b");
        foreach (var table in new[] { "lease", "checkpoint", "attempt", "log", "outbox" })
        {
            Assert.True(await In("rls-b", $"select count(*) from {table}") > 0, table);
            Assert.Equal(0, await In("rls-a", $"select count(*) from {table} where org_id <> 'rls-a'"));
            Assert.Equal(0, await In("rls-a", $"with gone as (delete from {table} where org_id = 'rls-b' returning 1) select count(*) from gone"));
            Assert.Equal(0, await In("rls-a", $"with changed as (update {table} set org_id = 'rls-a' where org_id = 'rls-b' returning 1) select count(*) from changed"));
        }

        var refused = await Assert.ThrowsAsync<PostgresException>(() => In("rls-a",
            "with added as (insert into outbox select 'rls-b', gen_random_uuid(), 'q', '', null, now() returning 1) select count(*) from added"));
        Assert.Equal("42501", refused.SqlState);
    }

    [Fact]
    public async Task Without_an_org_there_are_no_rows_and_the_sweep_changes_none()
    {
        await Fill(new Bench(new PostgresAttemptStore(database), _ => new TaskCompletionSource().Task), "rls-c");
        await using var connection = await database.Open();
        await using var count = new NpgsqlCommand("select count(*) from lease", connection);
        Assert.Equal(0L, await count.ExecuteScalarAsync());

        await using var sweep = await database.OpenSweep();
        await using var delete = new NpgsqlCommand("delete from lease", sweep);
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => delete.ExecuteNonQueryAsync())).SqlState);
    }

    [Fact]
    public async Task What_the_scheduler_names_goes_and_the_rest_stays()
    {
        var bench = new Bench(new PostgresAttemptStore(database));
        var ended = await Fill(bench, "old");
        await Fill(bench, "old");
        var ofAnother = await Fill(bench, "other");

        Assert.Equal(3, await new RunRetention(database).Delete("old", [ended.RunId, ofAnother.RunId, bench.NewRun().RunId], default));

        foreach (var table in new[] { "checkpoint", "attempt", "log" })
        {
            Assert.Equal(1, await In("old", $"select count(*) from {table}"));
            Assert.Equal(1, await In("other", $"select count(*) from {table}"));
        }
    }

    Task<long> In(string org, string sql) => database.InOrg(org, async connection =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    });
}
