using Npgsql;
using ReactorJobs.Contracts;

namespace ReactorJobs.Tests.Events;

/// <summary>The view _reactor_jobs.events: for whoever was granted it, of the org that they name, and only to read.</summary>
[Collection(PostgresCollection.Name)]
public sealed class Events_are_read_with_SQL(PostgresServer server) : IAsyncLifetime
{
    readonly EventsDatabase events = new(server);
    string analyst = "";

    public async Task InitializeAsync()
    {
        await events.Create();
        analyst = "analyst_of_" + events.Options.Database;
        await using var admin = events.Options.ConnectAdmin(events.Options.Database);
        await admin.OpenAsync();
        // As docs/events.md says.
        await Execute(admin, $"create role {analyst} login");
        await Execute(admin, $"grant reactor_reader to {analyst}");
    }

    public async Task DisposeAsync() => await events.DisposeAsync();

    [Fact]
    public async Task With_ids_as_the_API_has_them_and_payloads_that_can_be_looked_into()
    {
        await events.Store.Subscribe(Emitted.Subscription("trg_1"), default);
        var run = events.Ids.NewRun();
        var heard = Emitted.Event(events.Ids, payload: """{"total": 1.50, "lines": [1, 2]}""") with { Source = run };
        var unheard = Emitted.Event(events.Ids, topic: "order.lost");
        await events.Take(heard, unheard, Emitted.Event(events.Ids, orgId: "other"));

        await using var reader = await Reader("{acme}");

        Assert.Equal(new[] { heard.EventId.ToString() }, await Column(reader, "select id from _reactor_jobs.events where payload->>'total' = '1.50' and consumed"));
        Assert.Equal([unheard.EventId.ToString()], await Column(reader, "select id from _reactor_jobs.events where not consumed"));
        Assert.Equal([$"order.paid 1 {run}"], await Column(reader, "select topic || ' ' || deliveries || ' ' || source_run_id from _reactor_jobs.events where source_run_id is not null"));
    }

    [Fact]
    public async Task Ids_are_written_as_everywhere_else()
    {
        var some = Enumerable.Range(0, 50).Select(_ => events.Ids.NewEvent()).Append(new EventId(Guid.AllBitsSet)).Append(new EventId(new Guid("00000000-0000-7000-8000-000000000001")))
            .Select(id => Emitted.Event(events.Ids) with { EventId = id }).ToArray();
        await events.Take(some);
        await using var reader = await Reader("{acme}");
        Assert.Equal(some.Select(x => x.EventId.ToString()).Order(StringComparer.Ordinal), (await Column(reader, "select id from _reactor_jobs.events")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("\"a\\u0000b\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1e999999")]
    public async Task A_payload_that_jsonb_cannot_hold_is_shown_as_its_text(string payload)
    {
        await events.Take(Emitted.Event(events.Ids, payload: payload), Emitted.Event(events.Ids, payload: "7"));
        await using var reader = await Reader("{acme}");
        Assert.Equal(new[] { "7", payload }.Order(StringComparer.Ordinal), (await Column(reader, "select payload #>> '{}' from _reactor_jobs.events")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_no_org_that_is_not_named()
    {
        await events.Take(Emitted.Event(events.Ids, orgId: "other"));
        await using var unscoped = await Reader("");
        await using var acme = await Reader("{acme}");
        Assert.Empty(await Column(unscoped, "select id from _reactor_jobs.events"));
        Assert.Empty(await Column(acme, "select id from _reactor_jobs.events"));
        Assert.Single(await Column(await Reader("{other}"), "select id from _reactor_jobs.events"));
    }

    [Theory]
    [InlineData("insert into _reactor_jobs.events (topic) values ('x')")]
    [InlineData("update _reactor_jobs.events set topic = 'x'")]
    [InlineData("delete from _reactor_jobs.events")]
    [InlineData("delete from events.event")]
    [InlineData("select * from events.outbox")]
    [InlineData("create table _reactor_jobs.mine (x int)")]
    public async Task And_nothing_else(string statement)
    {
        await events.Take(Emitted.Event(events.Ids));
        await using var reader = await Reader("{acme}");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Execute(reader, statement));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Who_was_not_granted_it_sees_nothing()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(events.Options.AdminConnection)
        {
            Database = events.Options.Database,
            Username = "reactor_events",
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Column(connection, "select id from _reactor_jobs.events"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    async Task<NpgsqlConnection> Reader(string orgs)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(events.Options.AdminConnection)
        {
            Database = events.Options.Database,
            Username = analyst,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync();
        await Execute(connection, $"set app.orgs = '{orgs}'");
        return connection;
    }

    static async Task<List<string>> Column(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
            values.Add(reader.GetString(0));
        return values;
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
