using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Ingress.Orgs;

namespace ReactorJobs.Tests.Events;

[Collection(PostgresCollection.Name)]
public sealed class IngressEndpointTests : IAsyncLifetime
{
    const string Whoami = "/jobs/v1/_admin/whoami";
    const string Tokens = "/jobs/v1/_admin/tokens";
    readonly Host host;

    public IngressEndpointTests(PostgresServer server) => host = new(server);

    public Task InitializeAsync() => host.InitializeAsync();

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task A_token_tells_who_calls()
    {
        var answer = await host.Send(HttpMethod.Get, Whoami);
        Assert.Equal((200, "acme", "embedded"), (answer.Status, answer["org"], answer["name"]));
        Assert.Equal(200, (await host.Send(HttpMethod.Get, Whoami, headers: x => x.Add("X-Reactor-Org", "acme"))).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer a b")]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer rjs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Without_a_good_token_the_answer_says_what_to_do(string? header)
    {
        var answer = await host.Send(HttpMethod.Get, Whoami, org: null, headers: x =>
        {
            if (header is not null)
                x.TryAddWithoutValidation("Authorization", header);
        });

        Assert.Equal((401, "unauthorized", "Bearer"), (answer.Status, answer["code"], answer.Headers["WWW-Authenticate"]));
        Assert.Equal("application/problem+json", answer.Headers["Content-Type"]);
        Assert.Contains("token", answer["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_org_is_refused_the_same_whether_it_exists_or_not()
    {
        await host.Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken("globex", null);

        var existing = await host.Send(HttpMethod.Get, Whoami, headers: x => x.Add("X-Reactor-Org", "globex"));
        var missing = await host.Send(HttpMethod.Get, Whoami, headers: x => x.Add("X-Reactor-Org", "nobody"));
        var mixed = await host.Send(HttpMethod.Get, Whoami, headers: x => x.Add("X-Reactor-Org", ["acme", "globex"]));

        Assert.Equal((403, "forbidden"), (existing.Status, existing["code"]));
        Assert.Equal((existing.Status, existing.Body.ToString()), (missing.Status, missing.Body.ToString()));
        Assert.Equal(403, mixed.Status);
    }

    [Fact]
    public async Task WebSockets_need_a_token_too()
    {
        var address = new UriBuilder(host.Address) { Scheme = "ws", Path = "/test/stream" }.Uri;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var stranger = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(address, patience.Token));
        Assert.Equal(401, (int)stranger.HttpStatusCode);

        using var known = new ClientWebSocket();
        known.Options.SetRequestHeader("Authorization", "Bearer " + await host.TokenOf("acme"));
        await known.ConnectAsync(address, patience.Token);
        var buffer = new byte[64];
        var received = await known.ReceiveAsync(buffer, patience.Token);
        Assert.Equal("acme", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task Tokens_are_made_shown_once_listed_and_revoked()
    {
        var made = await host.Send(HttpMethod.Post, Tokens, new { name = "ci" });
        Assert.Equal((201, "ci"), (made.Status, made["name"]));
        Assert.StartsWith("tok_", made["id"], StringComparison.Ordinal);
        var token = made["token"]!;

        Assert.Equal("ci", (await WhoamiWith(token))["name"]);
        var list = await host.Send(HttpMethod.Get, Tokens);
        Assert.Equal(["ci", "embedded"], list.Body.EnumerateArray().Select(x => x.GetProperty("name").GetString()));
        Assert.DoesNotContain(token, list.Body.ToString(), StringComparison.Ordinal);

        Assert.Equal(404, (await host.Send(HttpMethod.Delete, $"{Tokens}/{made["id"]}", org: "globex")).Status);
        Assert.Equal("ci", (await WhoamiWith(token))["name"]);
        Assert.Equal(204, (await host.Send(HttpMethod.Delete, $"{Tokens}/{made["id"]}")).Status);
        Assert.Equal(204, (await host.Send(HttpMethod.Delete, $"{Tokens}/{made["id"]}")).Status);
        Assert.Equal(401, (await WhoamiWith(token)).Status);
        Assert.Equal((404, "token_not_found"), ((await host.Send(HttpMethod.Delete, $"{Tokens}/x")).Status, (await host.Send(HttpMethod.Delete, $"{Tokens}/x"))["code"]));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"name":" "}""")]
    [InlineData("""{"name":"a\u0000"}""")]
    public async Task A_token_needs_a_name(string body)
    {
        var refused = await host.Send(HttpMethod.Post, Tokens, body);
        Assert.Equal((400, "invalid_request"), (refused.Status, refused["code"]));
    }

    [Fact]
    public async Task Health_is_open_to_everybody()
    {
        var health = await host.Send(HttpMethod.Get, "/health", org: null);
        Assert.Equal((200, """{"status":"ok","capabilities":{"data":"ok","functions":"ok","jobs":"ok"}}"""), (health.Status, health.Body.GetRawText()));
        Assert.Equal(200, (await host.Send(HttpMethod.Get, "/health/live", org: null)).Status);
        Assert.Equal(200, (await host.Send(HttpMethod.Get, "/health/ready", org: null)).Status);
    }

    [Fact]
    public async Task The_API_describes_itself()
    {
        var document = await host.Send(HttpMethod.Get, "/openapi/v1.json", org: null);
        Assert.Equal(200, document.Status);
        var paths = document.Body.GetProperty("paths").EnumerateObject().Select(x => x.Name).ToArray();
        Assert.Contains("/jobs/v1/_admin/events", paths);
        Assert.DoesNotContain(paths, x => x.StartsWith("/internal", StringComparison.Ordinal));
    }

    Task<Answer> WhoamiWith(string token) => host.Send(HttpMethod.Get, Whoami, org: null, headers: x => x.Authorization = new("Bearer", token));
}
