using Npgsql;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Each committed call becomes one run, and nothing else does: whenever the suite dies, with its PostgreSQL or between two groups.</summary>
public sealed class When_the_host_is_killed_while_applications_commit : IAsyncLifetime
{
    const int Connections = 4;
    const int Transactions = 600;
    const int KilledAfter = 200;

    SuiteProcess suite = null!;
    int begun;

    public async Task InitializeAsync() => suite = await SuiteProcess.StartNew();

    public async Task DisposeAsync() => await suite.DisposeAsync();

    [Fact]
    public async Task Each_committed_call_becomes_one_run()
    {
        using (var api = new Api(suite.Url, suite.Token))
            await api.Job("ship", new { handler = "nobody" });
        await Superuser("""
            create role shop; create table parcel (id int primary key, run text not null); grant insert on parcel to shop;
            select reactor_jobs.grant_org('shop', 'acme')
            """);
        var applications = Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(Application)));
        await Until.True($"{KilledAfter} transactions have begun", () => Task.FromResult(Volatile.Read(ref begun) >= KilledAfter));
        await suite.Kill();
        suite.Launch();
        await suite.Serves();
        await applications;
        await Until.True("every call is taken up", async () => await Number("select count(*) from reactor_jobs.request") == 0);
        await Until.True("every run is there", async () => await Number("select count(*) from parcel") <= await Number("select count(*) from scheduler.run"));

        Assert.InRange(await Number("select count(*) from parcel"), Transactions / 2, Transactions);
        Assert.Equal(0, await Number(
            "select count(*) from parcel p full join scheduler.run r on p.id = r.payload::int and p.run = events.id_text('run_', r.id) where p.id is null or r.id is null"));
    }

    /// <summary>Every third transaction is rolled back; one whose answer is lost is left as it is.</summary>
    async Task Application()
    {
        var connection = await Open();
        for (int i; (i = Interlocked.Increment(ref begun)) <= Transactions;)
        {
            try
            {
                await Execute(connection, $"begin; insert into parcel select {i}, reactor_jobs.trigger('ship', '{i}')");
                await Execute(connection, i % 3 == 0 ? "rollback" : "commit");
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
            {
                await connection.DisposeAsync();
                connection = await Open();
            }
        }

        await connection.DisposeAsync();
    }

    /// <summary>When PostgreSQL is there.</summary>
    Task<NpgsqlConnection> Open() => Until.Some("the application has a connection", async () =>
    {
        try
        {
            var connection = await suite.OpenDatabase();
            await Execute(connection, "set session authorization shop");
            return connection;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    });

    async Task Superuser(string sql)
    {
        await using var connection = await suite.OpenDatabase();
        await Execute(connection, sql);
    }

    async Task<long> Number(string sql)
    {
        await using var connection = await suite.OpenDatabase();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
