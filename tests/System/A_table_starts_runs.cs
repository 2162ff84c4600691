using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>A change of a watched table, from its commit to the result.</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_table_starts_runs(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task Until_the_trigger_goes()
    {
        await Execute("create table if not exists watched_order (id int primary key, status text); truncate watched_order");
        await api.Job("on-order", new { handler = "echo" });
        const string trigger = """{"kind": "data", "table": "public.watched_order", "events": ["insert","update"], "when": {"new": {"status": "paid"}}}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => api.Post("/jobs/v1/_admin/jobs/on-order/triggers", trigger)));
        var made = Assert.Single(answers, x => x.Status == HttpStatusCode.Created).Json;
        Assert.All(answers, x => Assert.Equal((string?)made["id"], (string?)x.Json["id"]));
        Assert.Equal(
            ("data", "public.watched_order", """["insert","update"]""", """{"new":{"status":"paid"}}"""),
            ((string?)made["kind"], (string?)made["table"], made["events"]!.ToJsonString(), made["when"]!.ToJsonString()));
        Assert.Equal((string?)made["id"], (string?)(await api.Post("/jobs/v1/_admin/jobs/on-order/triggers", trigger)).Is(HttpStatusCode.OK).Json["id"]);

        await Execute("insert into watched_order values (1, 'open')");
        await Execute("begin; insert into watched_order values (2, 'paid'); rollback");
        await Execute("update watched_order set status = 'paid'");
        var id = (string)(await Until.Some("the run is there", async () => (await api.All("/jobs/v1/runs?job_id=on-order")).SingleOrDefault()))["id"]!;
        var run = await api.Ended(id);
        Assert.Equal(("completed", "data", (string?)made["id"]), ((string?)run["status"], (string?)run["trigger"]!["kind"], (string?)run["trigger"]!["id"]));
        Assert.Equal(("update", """{"id":1}""", """{"id":1,"status":"paid"}"""), ((string?)run["result"]!["op"], run["result"]!["old"]!.ToJsonString(), run["result"]!["new"]!.ToJsonString()));
        Assert.Equal(("default", (string?)run["payload"]!["lsn"]), ((string?)run["trigger"]!["detail"]!["database"], (string?)run["trigger"]!["detail"]!["lsn"]));

        var database = await Until.Some("the database is read", async () => await Listed() is var listed && (string?)listed["state"] == "streaming" && listed["lag_bytes"] is not null ? listed : null);
        Assert.Equal((string?)made["id"], (string?)database["triggers"]!.AsArray().Single()!["id"]);
        Assert.DoesNotContain("Username", database.ToJsonString(), StringComparison.Ordinal);

        (await api.Send(HttpMethod.Delete, "/jobs/v1/_admin/jobs/on-order", null)).Is(HttpStatusCode.NoContent);
        Assert.Equal(("idle", 0), ((string?)(await Listed())["state"], (await Listed())["triggers"]!.AsArray().Count));
        await using var connection = await shared.Suite.OpenDatabase();
        await using var command = new NpgsqlCommand("select count(*) from pg_replication_slots", connection);
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("""{"kind": "data", "table": "no_such_table"}""", "/table", "public.no_such_table is not a table of the database")]
    [InlineData("""{"kind": "data", "table": "scheduler.run"}""", "/table", "scheduler.run belongs to the suite or to PostgreSQL itself, and is not to be watched")]
    [InlineData("""{"kind": "data", "table": "t", "database": "shop"}""", "/database", """there is no database "shop"; there is default""")]
    [InlineData("""{"kind": "data", "table": "t", "events": ["upsert"]}""", "/events/0", "must be one of insert, update, delete")]
    [InlineData("""{"kind": "dta"}""", "/kind", "must be one of event, cron, webhook, data; did you mean data?")]
    public async Task A_wrong_one_is_refused_with_the_field_that_is_wrong(string trigger, string pointer, string detail)
    {
        if ((await api.Get("/jobs/v1/_admin/jobs/wrong-data")).Status == HttpStatusCode.NotFound)
            await api.Job("wrong-data", new { handler = "echo" });
        var error = (await api.Post("/jobs/v1/_admin/jobs/wrong-data/triggers", trigger)).Refused(HttpStatusCode.BadRequest, "invalid_request").Json["errors"]!.AsArray().Single()!;
        Assert.Equal((pointer, detail), ((string?)error["pointer"], (string?)error["detail"]));
        Assert.Empty((await api.Get("/jobs/v1/_admin/jobs/wrong-data/triggers")).Json.AsArray());
    }

    async Task<JsonNode> Listed() => (await api.Get("/jobs/v1/_admin/data/databases")).Is(HttpStatusCode.OK).Json.AsArray().Single(x => (string?)x!["name"] == "default")!;

    async Task Execute(string sql)
    {
        await using var connection = await shared.Suite.OpenDatabase();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
