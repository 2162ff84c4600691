namespace ReactorJobs.Tests.Events;

[Collection(PostgresCollection.Name)]
public sealed class Roles_are_granted_to_orgs(PostgresServer server) : IAsyncLifetime
{
    const string Roles = "/jobs/v1/_admin/sql/roles";
    readonly Host host = new(server);

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task Granted_listed_and_revoked_and_for_one_org_only()
    {
        await host.Execute("create role \"The Shop\"; create role bakery");
        Assert.Equal((404, "role_not_found"), Refusal(await host.Send(HttpMethod.Put, $"{Roles}/nobody", "{}")));
        Assert.Equal(204, (await host.Send(HttpMethod.Put, $"{Roles}/The%20Shop", "{}")).Status);
        Assert.Equal(204, (await host.Send(HttpMethod.Put, $"{Roles}/The%20Shop", "{}")).Status);
        Assert.Equal(204, (await host.Send(HttpMethod.Put, $"{Roles}/bakery", "{}", org: "globex")).Status);

        // Nobody gets in between an org and its application.
        Assert.Equal((409, "role_taken"), Refusal(await host.Send(HttpMethod.Put, $"{Roles}/The%20Shop", "{}", org: "globex")));
        Assert.Equal((404, "role_not_found"), Refusal(await host.Send(HttpMethod.Delete, $"{Roles}/The%20Shop", org: "globex")));
        var listed = await host.Send(HttpMethod.Get, Roles);
        Assert.Equal(["The Shop"], listed.Body.EnumerateArray().Select(x => x.GetProperty("name").GetString()));

        // The owner of the database may let it act for both.
        await host.Execute("select reactor_jobs.grant_org('\"The Shop\"', 'globex')");
        Assert.Equal(2, (await host.Send(HttpMethod.Get, Roles, org: "globex")).Body.GetArrayLength());
        Assert.Equal(204, (await host.Send(HttpMethod.Delete, $"{Roles}/The%20Shop")).Status);
        Assert.Equal(0, (await host.Send(HttpMethod.Get, Roles)).Body.GetArrayLength());
        Assert.Equal(2, (await host.Send(HttpMethod.Get, Roles, org: "globex")).Body.GetArrayLength());
        Assert.Equal(401, (await host.Send(HttpMethod.Get, Roles, org: null)).Status);
    }

    [Fact]
    public async Task What_was_refused_is_listed_newest_first_in_pages_and_for_its_org()
    {
        await host.Execute("create role mill login; select reactor_jobs.grant_org('mill', 'acme')");
        const string id = "evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D";
        await host.Execute($"set session authorization mill; select reactor_jobs.emit('ground', '0', '{id}')");
        await host.Execute($"set session authorization mill; select reactor_jobs.emit('ground', '1', '{id}'), reactor_jobs.trigger('pack')");
        var start = await host.NextStart();

        Assert.Equal(("pack", "sql"), (start.Job, start.Trigger.Kind));
        var listed = await host.Send(HttpMethod.Get, "/jobs/v1/_admin/refused?limit=1");
        var refused = Assert.Single(listed.Body.EnumerateArray());
        Assert.Equal(["id", "kind", "name", "payload", "trigger_kind", "code", "reason", "requested_at", "refused_at"], refused.EnumerateObject().Select(x => x.Name));
        Assert.Equal((id, "idempotency_conflict", "1"), (refused.GetProperty("id").GetString(), refused.GetProperty("code").GetString(), refused.GetProperty("payload").GetRawText()));
        Assert.Equal(0, (await host.Send(HttpMethod.Get, $"/jobs/v1/_admin/refused?cursor={id}")).Body.GetArrayLength());
        Assert.Equal(0, (await host.Send(HttpMethod.Get, "/jobs/v1/_admin/refused", org: "globex")).Body.GetArrayLength());
        Assert.Equal((400, "invalid_request"), Refusal(await host.Send(HttpMethod.Get, "/jobs/v1/_admin/refused?cursor=x")));
    }

    static (int, string?) Refusal(Answer answer) => (answer.Status, answer["code"]);
}
