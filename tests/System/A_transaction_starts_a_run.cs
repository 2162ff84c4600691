using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Calls in an application's own transaction, from its commit to the result.</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_transaction_starts_a_run(SharedSuite shared) : IAsyncLifetime
{
    const string Role = "app_of_a_transaction";
    readonly Api api = shared.Api;
    NpgsqlConnection application = null!;

    public async Task InitializeAsync()
    {
        application = await shared.Suite.OpenDatabase();
        await Execute($"""
            do $$ begin if to_regrole('{Role}') is null then create role {Role}; end if; end $$;
            create table if not exists app_order (id int); grant insert, select on app_order to {Role}
            """);
        (await api.Send(HttpMethod.Put, $"/jobs/v1/_admin/sql/roles/{Role}", "{}")).Is(HttpStatusCode.NoContent);
        await Execute($"set session authorization {Role}");
    }

    public async Task DisposeAsync() => await application.DisposeAsync();

    [Fact]
    public async Task When_it_commits_and_not_when_it_rolls_back()
    {
        await api.Job("from-sql", new { handler = "echo" });
        // As deep as the API would take it.
        var payload = new string('[', 63) + "1.50" + new string(']', 63);
        await Execute("begin; insert into app_order values (1); select reactor_jobs.trigger('from-sql', '\"undone\"'); rollback");
        var id = await Scalar($"begin; insert into app_order values (1); select reactor_jobs.trigger('from-sql', '{payload}')");
        await Execute("commit");

        var run = await Until.Some("the run is there", async () => await api.Get($"/jobs/v1/runs/{id}") is { Status: HttpStatusCode.OK } found ? found.Json : null);
        Assert.Equal(("sql", Role), ((string?)run["trigger"]!["kind"], (string?)run["trigger"]!["detail"]!["role"]));
        run = await api.Ended(id);
        Assert.Equal(("completed", payload.Replace("1.50", "1.5", StringComparison.Ordinal)), ((string?)run["status"], run["result"]!.ToJsonString()));
        Assert.Single(await api.All("/jobs/v1/runs?job_id=from-sql"));
    }

    [Fact]
    public async Task With_its_options_and_once_for_a_key()
    {
        await api.Job("later-from-sql", new { handler = "echo" });
        const string call = """select reactor_jobs.trigger('later-from-sql', '1', '{"delay": "1h", "priority": "critical", "idempotency_key": "k"}')""";
        var id = await Scalar(call);
        Assert.Equal(id, await Scalar(call));
        var run = await Until.Some("the run is there", async () => await api.Get($"/jobs/v1/runs/{id}") is { Status: HttpStatusCode.OK } found ? found.Json : null);
        Assert.Equal(("pending", "critical"), ((string?)run["status"], (string?)run["priority"]));
        Assert.Single(await api.All("/jobs/v1/runs?job_id=later-from-sql"));
    }

    [Fact]
    public async Task What_cannot_start_is_kept_with_its_reason()
    {
        await api.Job("strict-from-sql", new { handler = "echo" });
        var missing = await Scalar("select reactor_jobs.trigger('nowhere-from-sql', '[7]')");
        var slow = await Scalar("""select reactor_jobs.trigger('strict-from-sql', '1', '{"timeout_ms": 3600001}')""");
        Assert.Equal(("job_not_found", "nowhere-from-sql", "[7]"), Shown(await Refused(missing)));
        Assert.Equal(("invalid_request", "strict-from-sql", "1"), Shown(await Refused(slow)));
        (await api.Get($"/jobs/v1/runs/{missing}")).Refused(HttpStatusCode.NotFound, "run_not_found");
    }

    Task<JsonNode> Refused(string id) => Until.Some($"{id} is refused", async () =>
        (await api.Get("/jobs/v1/_admin/refused")).Is(HttpStatusCode.OK).Json.AsArray().FirstOrDefault(x => (string?)x!["id"] == id));

    static (string?, string?, string) Shown(JsonNode refused) => ((string?)refused["code"], (string?)refused["name"], refused["payload"]!.ToJsonString());

    async Task<string> Scalar(string sql)
    {
        await using var command = new NpgsqlCommand(sql, application);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    async Task Execute(string sql)
    {
        await using var command = new NpgsqlCommand(sql, application);
        await command.ExecuteNonQueryAsync();
    }
}
