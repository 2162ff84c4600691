using Npgsql;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Processes that compete, die, or do not reach the store, the bus or the watched server.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Whoever_reads_may_die(PostgresServer server) : IAsyncLifetime
{
    readonly Shop shop = new(server);

    public async Task InitializeAsync()
    {
        await shop.Create();
        await shop.Execute("create table t (id int primary key)");
        await shop.Watch("t");
    }

    public async Task DisposeAsync() => await shop.DisposeAsync();

    [Fact]
    public async Task Another_process_takes_over()
    {
        var first = await shop.Read();
        await shop.Execute("insert into t values (1)");
        await shop.UntilStarted(1);
        await shop.Read();
        await first.Stop();
        await shop.Execute("insert into t values (2)");
        Assert.Equal(["1", "2"], (await shop.UntilStarted(2)).Select(x => x.New.GetProperty("id").GetRawText()));
    }

    [Fact]
    public async Task A_connection_that_is_ended_is_made_anew_and_what_comes_again_is_known()
    {
        await shop.Read();
        for (var i = 1; i <= 3; i++)
        {
            await shop.Execute($"insert into t values ({i}), ({i + 10})");
            await shop.UntilStarted(2 * i);
            await shop.Execute("select pg_terminate_backend(active_pid) from pg_replication_slots where active and database = current_database()");
        }

        await shop.Execute("insert into t values (99)");
        await shop.UntilStarted(7);
        Assert.Equal(7, shop.Started.Count);
    }

    [Fact]
    public async Task While_the_bus_is_away_changes_wait_in_their_order()
    {
        shop.Refusal = new InvalidOperationException("no broker");
        await shop.Read();
        await shop.Execute("insert into t values (1)");
        await shop.Execute("insert into t values (2)");
        await Shop.Until(async () => await shop.Events.Scalar("select count(*) from outbox") is 1L);
        await shop.Execute("insert into t values (3)");
        shop.Refusal = null;
        Assert.Equal(["1", "2", "3"], (await shop.UntilStarted(3)).Select(x => x.New.GetProperty("id").GetRawText()));
    }

    [Fact]
    public async Task What_a_dead_process_has_left_in_the_outbox_leaves_before_what_comes_next()
    {
        shop.Refusal = new InvalidOperationException("no broker");
        var dead = await shop.Read();
        await shop.Execute("insert into t values (1)");
        await Shop.Until(async () => await shop.Events.Scalar("select count(*) from outbox") is 1L);
        await dead.Stop();
        shop.Refusal = null;
        await shop.Execute("insert into t values (2)");
        await shop.Read();
        Assert.Equal(["1", "2"], (await shop.UntilStarted(2)).Select(x => x.New.GetProperty("id").GetRawText()));
    }

    [Fact]
    public async Task A_slot_that_is_gone_is_made_anew_and_the_gap_is_written_down()
    {
        await shop.Execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
        await shop.Execute("insert into t values (1)");
        await shop.Read();
        await Shop.Until(async () => await shop.Events.Scalar("select count(*) from watch_gap") is 1L);
        await shop.Execute("insert into t values (2)");
        Assert.Equal("2", Assert.Single(await shop.UntilStarted(1)).New.GetProperty("id").GetRawText());
    }

    [Fact]
    public async Task The_slot_moves_though_only_other_tables_change_and_goes_with_the_last_trigger()
    {
        await shop.Execute("create table quiet (id int)");
        await shop.Read();
        await shop.Execute("insert into quiet select generate_series(1, 1000)");
        var end = await shop.Ask<NpgsqlTypes.NpgsqlLogSequenceNumber>("select pg_current_wal_insert_lsn()");
        await Shop.Until(async () => await shop.Ask<NpgsqlTypes.NpgsqlLogSequenceNumber>("select confirmed_flush_lsn from pg_replication_slots where database = current_database()") >= end);
        var second = await shop.Watch("quiet", ["insert"]);
        await shop.Triggers.Remove("acme", "trg_00000000000000000000000001", default);
        Assert.Equal(1L, await shop.Ask<long>("select count(*) from pg_publication_tables"));
        await shop.Triggers.Remove("acme", second, default);
        Assert.Equal(0L, await shop.Ask<long>("select (select count(*) from pg_replication_slots where database = current_database()) + (select count(*) from pg_publication)"));
        Assert.Empty(await shop.Store.All(default));
    }
}
