using System.Net.Sockets;
using Npgsql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>What a server leaves unanswered is left behind: whoever waits is told, and nothing is cancelled or stays open.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Nobody_waits_for_a_database_that_does_not_answer(PostgresServer server) : IAsyncLifetime
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    readonly DatabaseOptions options = server.NewDatabase();
    NpgsqlDataSource source = null!;
    NpgsqlConnection other = null!;

    public async Task InitializeAsync()
    {
        await DatabaseSetup.CreateDatabase(options, default);
        source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.AdminConnection) { Database = options.Database, MaxPoolSize = 3, NoResetOnClose = true }.ConnectionString);
        other = await source.OpenConnectionAsync();
        await Execute(other, "create table note (id int primary key)");
    }

    public async Task DisposeAsync()
    {
        await other.DisposeAsync();
        await source.DisposeAsync();
    }

    [Fact]
    public async Task What_was_begun_is_rolled_back_when_the_server_answers_again()
    {
        await Execute(other, "begin; lock table note");
        await using (var connection = new BoundedConnection(source) { Patience = Short })
            await Assert.ThrowsAsync<StoreUnavailable>(() => connection.Do(open => Execute(open, "begin; insert into note values (1)")));
        await Execute(other, "commit");
        await NothingIsOpen();
        Assert.Equal(0L, await Execute(other, "select count(*) from note"));
    }

    [Fact]
    public async Task A_commit_on_its_way_happens_all_the_same()
    {
        await Execute(other, "begin; lock table note");
        await using (var connection = new BoundedConnection(source) { Patience = Short })
            await Assert.ThrowsAsync<StoreUnavailable>(() => connection.Finish(open => Execute(open, "begin; insert into note values (1); commit")));
        await Execute(other, "commit");
        await NothingIsOpen();
        Assert.Equal(1L, await Execute(other, "select count(*) from note"));
    }

    [Fact]
    public async Task A_server_that_is_only_slow_is_waited_for()
    {
        await Execute(other, "begin; lock table note");
        var asked = 0;
        await using var connection = new BoundedConnection(source) { SlowAfter = Short };
        var count = await connection.Finish(open => Execute(open, "select count(*) from note"), async () =>
        {
            if (++asked == 2)
                await Execute(other, "commit");
            return true;
        });
        Assert.Equal((0L, 2), (count, asked));
    }

    [Fact]
    public async Task A_process_that_stands_still_in_a_transaction_loses_its_locks()
    {
        await using var service = (options with { StandstillLimit = Short }).Connect("postgres", "public", 1);
        await using var still = await service.OpenConnectionAsync();
        await Execute(still, "begin; lock table note");
        await Execute(other, "insert into note values (1)");
        Assert.True(StoreUnavailable.IsCauseOf(await Assert.ThrowsAnyAsync<NpgsqlException>(() => Execute(still, "insert into note values (2)"))));
    }

    [Fact]
    public async Task A_server_that_takes_no_writes_gives_no_connection()
    {
        await Execute(other, $"alter database {options.Database} set default_transaction_read_only = on");
        await using var service = options.Connect("postgres", "public", 2);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => service.OpenConnectionAsync().AsTask());
        Assert.True(StoreUnavailable.IsCauseOf(refused), refused.ToString());
        await Execute(other, "begin read write");
        await Execute(other, $"alter database {options.Database} reset default_transaction_read_only");
        await Execute(other, "commit");
        await using var open = await service.OpenConnectionAsync();
        Assert.Equal(1, await Execute(open, "select 1"));
    }

    [Fact]
    public async Task A_connection_that_takes_no_writes_any_more_does_not_stay()
    {
        await using (var connection = new BoundedConnection(source))
        {
            await connection.Finish(open => Execute(open, "set default_transaction_read_only = on"));
            var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.Do(open => Execute(open, "insert into note values (1)")));
            Assert.True(StoreUnavailable.IsCauseOf(refused));
        }

        for (var i = 0; i < 3; i++)
            await using (var connection = new BoundedConnection(source))
                await connection.Finish(open => Execute(open, $"insert into note values ({i})"));
    }

    [Fact]
    public async Task A_connection_of_a_server_that_has_restarted_since_fails_nobody_who_has_committed_nothing()
    {
        Task EndAll() => Execute(other, $"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{options.Database}' and pid <> pg_backend_pid()");
        await using (var connection = new BoundedConnection(source))
            await connection.Finish(open => Execute(open, "insert into note values (1)"));
        await EndAll();
        await using (var connection = new BoundedConnection(source))
            Assert.Equal(1L, await connection.Do(open => Execute(open, "select count(*) from note"), mayRepeat: true));
        await EndAll();
        await using (var connection = new BoundedConnection(source))
            Assert.True(StoreUnavailable.IsCauseOf(await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.Finish(open => Execute(open, "insert into note values (2)")))));
    }

    [Theory]
    [InlineData("none of several hosts takes writes", true)]
    [InlineData("one of several hosts refuses connections", true)]
    [InlineData("the server is told to stop", true)]
    [InlineData("the server is a standby", true)]
    [InlineData("a value is too long", false)]
    [InlineData("every host refuses the user", false)]
    public void It_counts_as_away(string what, bool isAway) => Assert.Equal(isAway, StoreUnavailable.IsCauseOf(what switch
    {
        "none of several hosts takes writes" => new NpgsqlException("No suitable host was found."),
        "one of several hosts refuses connections" => new NpgsqlException("Unable to connect to a suitable host.", new AggregateException(
            Refusal("28P01"), new NpgsqlException("Failed to connect", new SocketException((int)SocketError.ConnectionRefused)))),
        "the server is told to stop" => Refusal(PostgresErrorCodes.AdminShutdown),
        "the server is a standby" => Refusal(PostgresErrorCodes.ReadOnlySqlTransaction),
        "every host refuses the user" => new NpgsqlException("Unable to connect to a suitable host.", new AggregateException(Refusal("28P01"), Refusal("28000"))),
        _ => Refusal(PostgresErrorCodes.StringDataRightTruncation),
    }));

    static PostgresException Refusal(string state) => new("refused", "FATAL", "FATAL", state);

    async Task NothingIsOpen()
    {
        while (await Execute(other, $"select count(*) from pg_stat_activity where datname = '{options.Database}' and pid <> pg_backend_pid() and state <> 'idle'") is not 0L)
            await Task.Yield();
    }

    static async Task<object?> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
