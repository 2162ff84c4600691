using System.Text.Json;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Replica identities, values that are kept apart, partitions, conditions.</summary>
[Collection(WithSharedShop.Name)]
public sealed class What_a_row_shows_depends_on_its_table(SharedShop shared)
{
    readonly Shop shop = shared.Shop;
    readonly List<string> triggers = [];

    [Fact]
    public async Task A_full_identity_has_the_whole_old_row()
    {
        await shop.Execute("create table full_row (a int, b text, c text); alter table full_row replica identity full");
        triggers.Add(await shop.Watch("full_row"));
        await shop.Execute("insert into full_row values (1, 'x', null)");
        await shop.Execute("update full_row set b = 'y'");
        await shop.Execute("delete from full_row");
        Assert.Equal(
            [
                """insert  -> {"a":1,"b":"x","c":null}""", """update {"a":1,"b":"x","c":null} -> {"a":1,"b":"y","c":null}""", """delete {"a":1,"b":"y","c":null} -> """,
            ], (await shop.UntilStarted(3, triggers)).Select(x => x.ToString()));
    }

    [Fact]
    public async Task A_large_value_that_did_not_change_is_named_or_taken_from_the_old_row()
    {
        await shop.Execute("create table doc (id int primary key, title text, body text); alter table doc alter body set storage external; insert into doc values (1, 'a', repeat('x', 20000))");
        triggers.Add(await shop.Watch("doc", ["update"]));
        await shop.Execute("update doc set title = 'b'");
        await shop.Execute("alter table doc replica identity full");
        await shop.Execute("update doc set title = 'c'");
        var changes = await shop.UntilStarted(2, triggers);
        Assert.Equal(("""{"id":1,"title":"b"}""", """["body"]"""), (changes[0].New.GetRawText(), changes[0].Payload.GetProperty("unchanged").GetRawText()));
        Assert.Equal((20000, false), (changes[1].New.GetProperty("body").GetString()!.Length, changes[1].Payload.TryGetProperty("unchanged", out _)));
    }

    [Fact]
    public async Task What_is_too_large_for_a_payload_is_named()
    {
        await shop.Execute("create table blob (id int primary key, small text, large text)");
        triggers.Add(await shop.Watch("blob"));
        await shop.Execute("insert into blob values (1, 's', repeat('x', 1100000))");
        var change = Assert.Single(await shop.UntilStarted(1, triggers));
        Assert.Equal(("""{"id":1,"small":"s"}""", """["large"]"""), (change.New.GetRawText(), change.Payload.GetProperty("omitted").GetRawText()));
    }

    [Fact]
    public async Task A_partition_s_rows_are_those_of_the_whole_table()
    {
        await shop.Execute("create table day (at int, id int, primary key (at, id)) partition by range (at); create table day_1 partition of day for values from (0) to (10); create table day_2 partition of day for values from (10) to (20)");
        triggers.Add(await shop.Watch("day"));
        await shop.Execute("insert into day values (1, 1), (11, 2); insert into day_2 values (12, 3)");
        await shop.Execute("update day set at = 13 where id = 1");
        var changes = await shop.UntilStarted(5, triggers);
        Assert.All(changes, x => Assert.Equal("public.day", x.Table));
        Assert.Equal(["insert", "insert", "insert", "delete", "insert"], changes.Select(x => x.Op));
    }

    [Fact]
    public async Task A_table_without_a_key_may_have_its_inserts_watched_and_stays_writable()
    {
        await shop.Execute("create table log (line text); create table keyed (id int primary key)");
        triggers.Add(await shop.Watch("keyed"));
        triggers.Add(await shop.Watch("log", ["insert"]));
        await shop.Execute("insert into log values ('a'); update log set line = 'b'; delete from log; insert into keyed values (1); update keyed set id = 2");
        Assert.Equal(["insert", "insert", "update"], (await shop.UntilStarted(3, triggers)).Select(x => x.Op));
    }

    [Fact]
    public async Task Names_that_need_quotes_and_generated_columns()
    {
        await shop.Execute("""create schema "My Shop"; create table "My Shop"."Order.Line" ("Id" int primary key, n int, twice int generated always as (n * 2) stored)""");
        triggers.Add(await shop.Watch("""
            "My Shop"."Order.Line"
            """.Trim()));
        await shop.Execute("""insert into "My Shop"."Order.Line" values (1, 2)""");
        var change = Assert.Single(await shop.UntilStarted(1, triggers));
        Assert.Equal(("""
            "My Shop"."Order.Line"
            """.Trim(), """{"Id":1,"n":2}"""), (change.Table, change.New.GetRawText()));
    }

    [Fact]
    public async Task When_lets_only_what_matches_start_runs()
    {
        await shop.Execute("create table bill (id int primary key, status text, meta jsonb); alter table bill replica identity full");
        triggers.Add(await shop.Watch("bill", ["update"], """{"new": {"status": "paid"}, "old": {"status": "open"}}""", job: "paid"));
        triggers.Add(await shop.Watch("bill", ["insert"], """{"new": {"meta": {"vip": true}}}""", job: "vip"));
        triggers.Add(await shop.Watch("bill", ["delete"], job: "gone"));
        await shop.Execute("""insert into bill values (1, 'open', '{"vip": true, "n": 1}'), (2, 'open', '{"vip": false}'), (3, 'paid', null)""");
        await shop.Execute("update bill set status = 'paid'; update bill set status = 'open' where id = 2; delete from bill where id = 3");
        var changes = await shop.UntilStarted(4, triggers);
        Assert.Equal([("vip", 1), ("paid", 1), ("paid", 2), ("gone", 3)], changes.Select(x => (x.Job, (x.Op == "delete" ? x.Old : x.New).GetProperty("id").GetInt32())));
    }

    [Fact]
    public async Task A_trigger_sees_what_commits_after_it_and_nothing_before()
    {
        await shop.Execute("create table t (id int primary key); create table other (id int primary key)");
        triggers.Add(await shop.Watch("t", job: "first"));
        await shop.Execute("insert into t values (1)");
        triggers.Add(await shop.Watch("t", job: "second"));
        triggers.Add(await shop.Watch("other"));
        await shop.Execute("insert into t values (2)");
        var changes = await shop.UntilStarted(3, triggers);
        Assert.Equal([("first", "1"), ("first", "2"), ("second", "2")], changes.Select(x => (x.Job, x.New.GetProperty("id").GetRawText())));
    }
}
