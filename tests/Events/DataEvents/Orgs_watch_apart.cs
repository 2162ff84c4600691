namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Two orgs with a schema each in one database.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Orgs_watch_apart(PostgresServer server) : IAsyncLifetime
{
    readonly Shop shop = new(server);

    public async Task InitializeAsync()
    {
        await shop.Create(new("of_acme", "", ["acme"], ["acme"], 1), new("of_globex", "", ["globex"], ["globex"], 1));
        await shop.Execute("create schema acme; create table acme.t (id int primary key); create schema globex; create table globex.t (id int primary key)");
    }

    public async Task DisposeAsync() => await shop.DisposeAsync();

    [Fact]
    public async Task Each_sees_its_own_changes_alone_and_takes_only_its_own_slot_away()
    {
        await shop.Watch("acme.t", job: "a", database: "of_acme");
        var globex = await shop.Watch("globex.t", job: "g", org: "globex", database: "of_globex");
        await shop.Execute("begin; insert into acme.t values (1); insert into globex.t values (2); commit");
        await shop.Read(database: "of_acme");
        await shop.Read("globex", "of_globex");
        await shop.UntilStarted(2);
        Assert.Equal([("acme", "a", "acme.t"), ("globex", "g", "globex.t")], shop.Started.Select(x => (x.OrgId, x.Job, Change.Of(x).Table)).Order());
        await shop.Triggers.Remove("globex", globex, default);
        Assert.Equal(1L, await shop.Ask<long>("select count(*) from pg_replication_slots where database = current_database()"));
        Assert.Equal(1L, await shop.Events.Scalar("select count(*) from data_trigger"));
        Assert.Equal(0L, await shop.Events.Scalar("select count(*) from data_trigger", "globex"));
    }
}
