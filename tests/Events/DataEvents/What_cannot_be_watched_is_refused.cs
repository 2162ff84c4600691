using Npgsql;
using ReactorJobs.Events.Watches;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Events.DataEvents;

/// <summary>Each refusal says which field is wrong, and what would make it right; nothing is left in the database by it.</summary>
[Collection(WithSharedShop.Name)]
public sealed class What_cannot_be_watched_is_refused(SharedShop shared) : IAsyncLifetime
{
    const string Ours = "select (select count(*) from pg_replication_slots) + (select count(*) from pg_publication) + (select count(*) from pg_publication_tables)";

    readonly Shop shop = shared.Shop;
    long before;

    public async Task InitializeAsync()
    {
        await shop.Execute(
            """
            create schema refused; set search_path = refused;
            create table orders (id int primary key, status text, twice int generated always as (id * 2) stored);
            create table keyless (line text); create unlogged table scratch (id int primary key); create view seen as select 1 as id; create materialized view kept as select 1 as id; create sequence counter;
            create table day (at int primary key) partition by range (at); create table day_1 partition of day for values from (0) to (9)
            """);
        before = await shop.Ask<long>(Ours);
    }

    public async Task DisposeAsync()
    {
        Assert.Equal(before, await shop.Ask<long>(Ours));
        await shop.Execute("drop schema refused cascade");
    }

    [Theory]
    [InlineData("refused.order", "/table", "refused.order is not a table of the database; did you mean refused.orders?")]
    [InlineData("refused.Orders", "/table", "refused.Orders is not a table of the database; did you mean refused.orders?")]
    [InlineData("refused.nothing_like_it", "/table", "refused.nothing_like_it is not a table of the database")]
    [InlineData("refused.scratch", "/table", "refused.scratch is unlogged: its changes are not in the write-ahead log, from which they are read")]
    [InlineData("refused.seen", "/table", "refused.seen is a view; only tables are watched")]
    [InlineData("refused.kept", "/table", "refused.kept is a materialized view; only tables are watched")]
    [InlineData("refused.counter", "/table", "refused.counter is a sequence; only tables are watched")]
    [InlineData("refused.day_1", "/table", "refused.day_1 is a partition: watch refused.day, of which it is a part")]
    [InlineData("pg_catalog.pg_class", "/table", "pg_catalog.pg_class belongs to the suite or to PostgreSQL itself, and is not to be watched")]
    public async Task A_table_that_is_none_to_watch(string table, string pointer, string detail) => await Refused(pointer, detail, table);

    [Fact]
    public async Task Updates_of_a_table_without_a_key() => await Refused(
        "/events", "refused.keyless has no primary key, so an update or a delete cannot tell its row: add one, or ALTER TABLE refused.keyless REPLICA IDENTITY FULL; inserts alone can be watched as it is", "refused.keyless");

    [Theory]
    [InlineData("""{"new": {"stauts": "x"}}""", "/when/new/stauts", "is not a column of refused.orders; did you mean status?")]
    [InlineData("""{"new": {"twice": 2}}""", "/when/new/twice", "is a generated column, which is not sent")]
    [InlineData("""{"old": {"status": "x"}}""", "/when/old/status", "the old row has the columns of the key only: ALTER TABLE refused.orders REPLICA IDENTITY FULL has the others sent, too")]
    public async Task A_condition_on_what_is_never_sent(string when, string pointer, string detail) => await Refused(pointer, detail, "refused.orders", when: when);

    [Theory]
    [InlineData("theirs", """there is no database "theirs"; there is away, default, missing, narrow, suite""")]
    [InlineData("unheard_of", """there is no database "unheard_of"; there is away, default, missing, narrow, suite""")]
    public async Task Another_org_s_database_which_is_as_one_that_is_not_there(string database, string detail) => await Refused("/database", detail, "refused.orders", database);

    [Fact]
    public async Task An_org_that_has_none() =>
        Assert.Contains("this installation watches none for the org", (await Assert.ThrowsAsync<ProblemException>(() => shop.Watch("refused.orders", org: "initech"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Another_schema_than_the_settings_allow() => await Refused("/table", """the database "narrow" is watched in sales only""", "refused.orders", "narrow");

    [Theory]
    [InlineData("events.outbox")]
    [InlineData("reactor_jobs.request")]
    public async Task The_suite_s_own_tables(string table) => await Refused("/table", $"{table} belongs to the suite or to PostgreSQL itself, and is not to be watched", table, "suite");

    [Fact]
    public async Task A_server_that_does_not_answer_without_a_word_of_its_password()
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(() => shop.Watch("refused.orders", database: "away"));
        Assert.Equal((503, WatchProblem.Unreachable, 5L), (refused.Problem.Status, refused.Problem.Code, refused.Problem.RetryAfterSeconds));
        Assert.StartsWith("The database \"away\" cannot be watched now: it cannot be reached", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there()
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(() => shop.Watch("refused.orders", database: "missing"));
        Assert.Equal((409, "The database \"missing\" refuses it: 3D000: database \"no_such_database\" does not exist."), (refused.Problem.Status, refused.Message));
    }

    [Theory]
    [InlineData("login", "has to own it")]
    [InlineData("login in role {0}", "REPLICATION")]
    public async Task A_role_that_may_not(string rights, string detail)
    {
        var role = $"watcher_{await shop.Ask<string>("select current_database()::text")}_{rights.Length}";
        var owner = role + "_owner";
        await shop.Execute($"create role {owner}; alter table refused.orders owner to {owner}; create role {role} {string.Format(null, rights, owner)}; do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$");
        await using var other = shared.Another();
        await other.Create(new WatchedDatabase("weak", new NpgsqlConnectionStringBuilder(shop.Connection) { Username = role }.ConnectionString, ["acme"], [], 1));
        Assert.Contains(detail, (await Assert.ThrowsAsync<ProblemException>(() => other.Watch("refused.orders", database: "weak"))).Message, StringComparison.Ordinal);
        await shop.Execute($"drop owned by {role}; reassign owned by {owner} to postgres");
    }

    async Task Refused(string pointer, string detail, string table, string database = Shop.Database, string? when = null)
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(() => shop.Watch(table, when: when, database: database));
        Assert.Equal((400, "invalid_request"), (refused.Problem.Status, refused.Problem.Code));
        Assert.Equal((pointer, detail), Assert.Single(refused.Problem.Errors!) switch { var x => (x.Pointer, x.Detail) });
    }
}
