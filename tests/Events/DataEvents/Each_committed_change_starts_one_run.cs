using System.Text.Json;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>What commits in a watched table becomes runs: all of it, in its order, and nothing else.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Each_committed_change_starts_one_run(PostgresServer server) : IAsyncLifetime
{
    readonly Shop shop = new(server);

    public async Task InitializeAsync()
    {
        await shop.Create();
        await shop.Execute("create table orders (id int primary key, status text)");
        await shop.Execute("insert into orders values (0, 'from before')");
        await shop.Watch("public.orders", job: "on-order");
    }

    public async Task DisposeAsync() => await shop.DisposeAsync();

    [Fact]
    public async Task With_the_old_and_the_new_row()
    {
        await shop.Read();
        await shop.Execute("insert into orders values (1, 'new')");
        await shop.Execute("update orders set status = 'paid' where id = 1");
        await shop.Execute("update orders set id = 2 where id = 1");
        await shop.Execute("delete from orders where id = 2");
        var changes = await shop.UntilStarted(4);
        Assert.Equal(
            ["""insert  -> {"id":1,"status":"new"}""", """update {"id":1} -> {"id":1,"status":"paid"}""", """update {"id":1} -> {"id":2,"status":"paid"}""", """delete {"id":2} -> """],
            changes.Select(x => x.ToString()));
        Assert.All(changes, x => Assert.Equal(("public.orders", "on-order"), (x.Table, x.Job)));
        Assert.Equal(["table", "op", "old", "new", "lsn", "committed_at"], changes[0].Payload.EnumerateObject().Select(x => x.Name));
    }

    [Fact]
    public async Task In_the_order_of_the_commits_and_nothing_of_a_rollback()
    {
        await shop.Execute("begin; insert into orders values (1, 'a'), (2, 'b'); savepoint s; insert into orders values (3, 'gone'); rollback to s; insert into orders values (4, 'd'); commit");
        await shop.Execute("begin; insert into orders values (9, 'gone'); update orders set status = 'gone'; rollback");
        await shop.Execute("insert into orders select 100 + n, 'many' from generate_series(1, 2000) n");
        await shop.Execute("truncate orders");
        await shop.Execute("insert into orders values (5, 'last')");
        await shop.Read();
        var changes = await shop.UntilStarted(2004);
        Assert.Equal([1, 2, 4, .. Enumerable.Range(101, 2000), 5], changes.Select(x => x.New.GetProperty("id").GetInt32()));
        Assert.Equal(3, changes.Select(x => x.Lsn).Distinct().Count());
        Assert.Equal(2004, changes.Select(x => (x.Lsn, x.Detail.GetProperty("index").GetString())).Distinct().Count());
        Assert.Equal(shop.Started.Select(x => x.RunId).Order(), shop.Started.Select(x => x.RunId));
    }
}
