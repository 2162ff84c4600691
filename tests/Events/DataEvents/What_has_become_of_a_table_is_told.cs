namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Tables change after their triggers were made.</summary>
[Collection(WithSharedShop.Name)]
public sealed class What_has_become_of_a_table_is_told(SharedShop shared)
{
    readonly Shop shop = shared.Shop;

    [Fact]
    public async Task And_one_that_is_made_again_is_seen_again()
    {
        await shop.Execute("create table dropped (id int primary key); create table renamed (id int primary key); create table unkeyed (id int primary key)");
        string[] triggers = [await shop.Watch("dropped"), await shop.Watch("renamed"), await shop.Watch("unkeyed")];
        await shop.Execute("drop table dropped; alter table renamed rename to renamed_2; alter table unkeyed drop constraint unkeyed_pkey");
        Assert.Equal(
            [
                ("public.dropped", "public.dropped is not a table of the database"), ("public.renamed", "public.renamed is not a table of the database; did you mean public.renamed_2?"),
                ("public.unkeyed", "public.unkeyed has no primary key, so an update or a delete cannot tell its row: add one, or ALTER TABLE public.unkeyed REPLICA IDENTITY FULL; inserts alone can be watched as it is"),
            ], (await Problems()).Where(x => x.Value is not null).Select(x => (x.Key, x.Value!)));
        // Were it still published with its updates, PostgreSQL would refuse this.
        await shop.Execute("insert into unkeyed values (1); update unkeyed set id = 2");
        await shop.Execute("create table dropped (id int primary key)");
        await Problems();
        await shop.Execute("insert into dropped values (7)");
        Assert.Equal([("public.unkeyed", "1"), ("public.dropped", "7")], (await shop.UntilStarted(2, triggers)).Select(x => (x.Table, x.New.GetProperty("id").GetRawText())));
    }

    /// <summary>As the reader looks every few seconds.</summary>
    async Task<SortedDictionary<string, string?>> Problems()
    {
        var watch = (await shop.Store.All(default)).Single(x => x.Watch.Name == Shop.Database).Watch;
        await using var remote = await new ReactorJobs.Events.Watches.WatchedServer(shop.Databases.Find("acme", Shop.Database)!).Open(default);
        return new((await shop.Triggers.Examine(watch, remote, default)).ToDictionary(x => x.Key.ToString(), x => x.Value), StringComparer.Ordinal);
    }
}
