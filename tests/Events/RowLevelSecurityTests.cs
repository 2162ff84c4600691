using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Events;
using ReactorJobs.Events.CatchUps;
using ReactorJobs.Events.Refusals;
using ReactorJobs.Events.Replays;
using ReactorJobs.Events.Retention;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Ingress.Schema;
using ReactorJobs.Ingress.Secrets;
using ReactorJobs.Ingress.Tokens;
using ReactorJobs.Ingress.Webhooks;
using ReactorJobs.Ingress.Webhooks.Deliveries;

namespace ReactorJobs.Tests.Events;

/// <summary>Rows of other orgs are out of reach of every statement (semantics 20), and what is past its time goes (semantics 28).</summary>
[Collection(PostgresCollection.Name)]
public sealed class RowLevelSecurityTests(PostgresServer server) : IAsyncLifetime
{
    readonly ManualTime time = new();
    ServiceDatabase events = null!;
    ServiceDatabase ingress = null!;
    PostgresEventStore store = null!;
    IdSource ids = null!;

    public static TheoryData<string> EventTables => ["event", "subscription", "delivery", "outbox", "catch_up", "replay", "refusal", "watch", "data_trigger", "watch_gap"];

    public static TheoryData<string> IngressTables => ["org", "service_token", "secret", "hook", "hook_delivery"];

    public async Task InitializeAsync()
    {
        var options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        // Twice, as at every start.
        for (var i = 0; i < 2; i++)
        {
            await new EventsModule().Migrate(options, default);
            await new IngressModule().Migrate(options, default);
        }

        events = new(options, EventsDb.Name);
        ingress = new(options, IngressDb.Name);
        store = new(events);
        ids = new(time);
        foreach (var org in new[] { "a", "b" })
        {
            await store.Subscribe(Emitted.Subscription("trg_1", orgId: org), default);
            var emitted = Emitted.Event(ids, orgId: org);
            await Take(emitted);
            var outbox = new Outbox(_ => Task.FromException(new NotConfirmed("Nobody listens.")), NullLogger.Instance);
            await new EventCatchUps(events, outbox, new(store, outbox, time), ids, time).Begin(org, "trg_1", ManualTime.Start, default);
            await new EventReplays(events, outbox, ids.Next, time).Replay(org, emitted.EventId, ids.Next(), null, default);
            await new RefusalRegister(events, time).Keep(new([new(org, ids.NewRun(), "j", RawJson.Null, RunTrigger.Manual, RefusalCodes.JobNotFound, "There is none.")]));
            await events.InOrg(org, connection => Execute(connection,
                $"""
                insert into watch (org_id, name, slot, created_at) values ('{org}', 'default', 'slot', now());
                insert into data_trigger (org_id, trigger_id, name, table_schema, table_name, operations, job, from_lsn, created_at) values ('{org}', 'trg_1', 'default', 's', 't', array['insert'], 'j', '0/0', now());
                insert into watch_gap (org_id, name, from_lsn, until_lsn, reason, noticed_at) values ('{org}', 'default', '0/0', '0/1', 'r', now())
                """));
            var tokens = new ServiceTokens(ingress, new(time), ids, time);
            await new OrgRegister(ingress, tokens, time).EnsureOrgWithToken(org, null);
            await new SecretStore(ingress, new(new() { Key = Convert.ToBase64String(new byte[32]) }, nonce => RandomNumberGenerator.Fill(nonce)), time).Put(org, "s", "v", default);
            await new HookStore(ingress).Put(new(org, "trg_1", "j", null, ["POST"], null, null, null, time.GetUtcNow()), HookToken.Hash(org), default);
            await new DeliveryStore(ingress).Append([new() { OrgId = org, TriggerId = "trg_1", Id = ids.Next(), ReceivedAt = time.GetUtcNow(), Method = "POST" }]);
        }
    }

    public async Task DisposeAsync()
    {
        await events.DisposeAsync();
        await ingress.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(EventTables))]
    public Task Events_rows_of_another_org_are_invisible_and_unchangeable(string table) => OutOfReach(events, table, "org_id");

    [Theory]
    [MemberData(nameof(IngressTables))]
    public Task Ingress_rows_of_another_org_are_invisible_and_unchangeable(string table) => OutOfReach(ingress, table, table == "org" ? "id" : "org_id");

    [Fact]
    public async Task A_row_cannot_be_written_for_another_org()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => events.InOrg("a", connection => Execute(connection,
            "insert into subscription (org_id, trigger_id, topic, job, created_at) values ('b', 'trg_2', 't', 'j', now())")));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        refused = await Assert.ThrowsAsync<PostgresException>(() => events.InOrg("a", connection => Execute(connection, "update event set org_id = 'b'")));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task The_sweep_role_sees_every_org_and_changes_none()
    {
        await using var connection = await events.OpenSweep();
        Assert.Equal(2L, await Scalar(connection, "select count(distinct org_id) from outbox"));
        foreach (var table in new[] { "event", "subscription", "delivery", "outbox" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Execute(connection, $"delete from {table}"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Events_go_after_their_time_with_their_deliveries_and_young_ones_stay()
    {
        // An old id stored lately, as a run that slept for weeks makes them.
        var late = Emitted.Event(ids);
        time.Advance(TimeSpan.FromDays(29));
        await Take(late with { OrgId = "a" });
        var young = Emitted.Event(new(time), orgId: "a");
        await Take(young);
        time.Advance(TimeSpan.FromDays(2));

        await new EventRetention(events, new(), time).Run(default);

        Assert.Equal(
            new[] { late.EventId.Value, young.EventId.Value },
            await events.InOrg("a", connection => Scalar(connection, "select array_agg(id order by id) from event")));
        Assert.Equal(2L, await events.InOrg("a", connection => Scalar(connection, "select count(*) from delivery")));
        Assert.Equal(0L, await events.InOrg("b", connection => Scalar(connection, "select (select count(*) from event) + (select count(*) from delivery) + (select count(*) from refusal)")));
    }

    [Fact]
    public async Task Many_old_events_go_in_several_batches()
    {
        var many = Enumerable.Range(0, 2300).Select(_ => Emitted.Event(ids, topic: "old", orgId: "c")).ToArray();
        await Take(many);
        time.Advance(TimeSpan.FromDays(31));

        await new EventRetention(events, new(), time).Run(default);

        await using var connection = await events.OpenSweep();
        Assert.Equal(0L, await Scalar(connection, "select count(*) from event"));
    }

    static async Task OutOfReach(ServiceDatabase database, string table, string column)
    {
        Assert.Equal(new[] { "a" }, (string[]?)await database.InOrg("a", connection => Scalar(connection, $"select array_agg(distinct {column}) from {table}")));
        Assert.Equal(0L, await database.InOrg("a", connection => Scalar(connection, $"select count(*) from {table} where {column} = 'b'")));
        Assert.Equal(0, await database.InOrg("a", connection => Execute(connection, $"update {table} set {column} = {column} where {column} = 'b'")));
        Assert.Equal(0, await database.InOrg("a", connection => Execute(connection, $"delete from {table} where {column} = 'b'")));

        // Without a transaction that names its orgs there is nothing to see.
        await using var unscoped = await database.Open();
        Assert.Equal(0L, await Scalar(unscoped, $"select count(*) from {table}"));
        await using var sweep = await database.OpenSweep();
        Assert.Equal(2L, await Scalar(sweep, $"select count(distinct {column}) from {table}"));
    }

    Task Take(params EventEmitted[] group) => store.Take(group, facts => EventRouting.Decide(group, facts, time.GetUtcNow(), ids.Next), []);

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    static async Task<int> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
