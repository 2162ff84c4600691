using Npgsql;

namespace ReactorJobs.Bench.Suite;

/// <param name="All">Committed transactions of the suite's database, reads included.</param>
/// <param name="Writing">Transaction numbers that were given out: transactions that wrote something.</param>
readonly record struct Commits(long All, long Writing);

/// <summary>The suite's PostgreSQL as its superuser sees it.</summary>
sealed class Database(ReactorDev suite, TimeProvider time) : IAsyncDisposable
{
    // An idle backend reports what it has counted after 10 s; one that is busy each second.
    static readonly TimeSpan BackendsReport = TimeSpan.FromSeconds(10.5);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(4);

    readonly NpgsqlDataSource reactor = Open(suite, "reactor");

    // Looks from another database do not count as the suite's transactions.
    readonly NpgsqlDataSource other = Open(suite, "postgres");
    long ownQueries;

    /// <summary>Waits until the counters are whole. The suite has nothing to do meanwhile; what it does all the same counts.</summary>
    public async Task<Commits> SettledCommits(CancellationToken stop)
    {
        await Task.Delay(BackendsReport, time, stop);
        await using var command = other.CreateCommand(
            "select xact_commit, pg_snapshot_xmax(pg_current_snapshot())::text::bigint from pg_stat_database where datname = 'reactor'");
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new(row.GetInt64(0) - ownQueries, row.GetInt64(1));
    }

    /// <summary>Waits until no job has a run that waits or runs; the counters behind that are kept by every commit.</summary>
    public async Task NothingDue(CancellationToken stop)
    {
        await using var connection = await reactor.OpenConnectionAsync(stop);
        await using var command = new NpgsqlCommand("select coalesce(sum(due), 0)::int from scheduler.job_load", connection);
        await command.PrepareAsync(stop);
        while (true)
        {
            ownQueries++;
            if (await command.ExecuteScalarAsync(stop) is 0)
                return;
            await Task.Delay(BetweenLooks, time, stop);
        }
    }

    public async Task<Guid> NewestRun(CancellationToken stop)
    {
        ownQueries++;
        await using var command = reactor.CreateCommand("select id from scheduler.run where org_id = (select org_id from scheduler.job limit 1) order by id desc limit 1");
        return await command.ExecuteScalarAsync(stop) is Guid id ? id : Guid.Empty;
    }

    /// <summary>How many runs have a younger id than this one.</summary>
    public async Task<long> RunsAfter(Guid run, CancellationToken stop)
    {
        ownQueries++;
        await using var command = reactor.CreateCommand("select count(*) from scheduler.run where org_id = (select org_id from scheduler.job limit 1) and id > $1");
        command.Parameters.Add(new() { Value = run });
        return (long)(await command.ExecuteScalarAsync(stop))!;
    }

    public async Task<long> Count(string sql, CancellationToken stop)
    {
        ownQueries++;
        await using var command = reactor.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(stop), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task<double[]> Numbers(string sql, CancellationToken stop)
    {
        ownQueries++;
        await using var command = reactor.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(stop);
        var numbers = new List<double>();
        while (await rows.ReadAsync(stop))
            numbers.Add(rows.GetDouble(0));
        return [.. numbers];
    }

    public async Task Execute(string sql, CancellationToken stop)
    {
        ownQueries++;
        await using var command = reactor.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Connections of an application in the suite's database; what they commit counts as the suite's.</summary>
    public NpgsqlDataSource As(string role, int connections) => Open(suite, "reactor", role, connections);

    static NpgsqlDataSource Open(ReactorDev suite, string database, string role = "postgres", int connections = 100) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = suite.SocketFolder,
        Port = 5432,
        Username = role,
        Database = database,
        NoResetOnClose = true,
        MaxPoolSize = connections,
    });

    public async ValueTask DisposeAsync()
    {
        await reactor.DisposeAsync();
        await other.DisposeAsync();
    }
}
