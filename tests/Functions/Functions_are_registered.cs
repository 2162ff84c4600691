using System.Text.Json;

namespace ReactorJobs.Tests.Functions;

[Collection(WithHost.Name)]
public sealed class Functions_are_registered(HostFixture fixture)
{
    const string Path = "/functions/v1/_admin/functions";
    readonly FunctionHost host = fixture.Host;

    [Fact]
    public async Task The_same_again_is_no_mistake_and_another_of_the_name_is_one()
    {
        var body = new { name = "greet", runtime = "node", env = new { A = "1" }, secrets = new { KEY = "vault:jobs/key" } };
        var created = await host.Post("reg", Path, body);
        Assert.Equal(201, created.Status);
        Assert.Equal(("greet", "node", JsonValueKind.Null, true), (created["name"].GetString(), created["runtime"].GetString(), created["live_version"].ValueKind, created["network"].GetBoolean()));
        Assert.Equal("{\"A\":\"1\"}", created["env"].GetRawText());
        Assert.Equal("[\"KEY\"]", created["secrets"].GetRawText());

        Assert.Equal(200, (await host.Post("reg", Path, body)).Status);
        var other = await host.Post("reg", Path, new { name = "greet", runtime = "bun" });
        Assert.Equal((409, "function_exists"), (other.Status, other.Code));
    }

    [Fact]
    public async Task Many_at_once_make_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Post("reg", Path, new { name = "race" })));
        Assert.Single(answers, x => x.Status == 201);
        Assert.Equal(19, answers.Count(x => x.Status == 200));
    }

    [Theory]
    [InlineData("""{}""", "/name", "is required")]
    [InlineData("""{"name":"_admin"}""", "/name", "must begin with a letter or digit")]
    [InlineData("""{"name":"https://example.com/x"}""", "/name", "must not be an http(s) URL")]
    [InlineData("""{"name":"a","runtime":"deno"}""", "/runtime", "bun, node")]
    [InlineData("""{"name":"a","enw":{}}""", "/enw", "did you mean env?")]
    [InlineData("""{"name":"a","env":{"1":"x"}}""", "/env/1", "must begin with a letter")]
    [InlineData("""{"name":"a","secrets":{"S":"plain"}}""", "/secrets/S", "vault:")]
    public async Task A_wrong_request_names_its_field(string body, string pointer, string detail)
    {
        var answer = await host.Post("reg", Path, new StringContent(body, null, "application/json"));
        Assert.Equal((400, "invalid_request"), (answer.Status, answer.Code));
        var error = Assert.Single(answer["errors"].EnumerateArray());
        Assert.Equal(pointer, error.GetProperty("pointer").GetString());
        Assert.Contains(detail, error.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_changed_name_by_name_and_secrets_are_not_shown()
    {
        await host.Create("reg", "set");
        async Task<Answer> Patch(string body) => await host.Send("reg", HttpMethod.Patch, "set", new StringContent(body, null, "application/json"));
        await Patch("""{"env":{"A":"1","B":"2"},"secrets":{"S":"vault:a/b"},"network":false}""");
        var changed = await Patch("""{"env":{"A":null,"C":"3"}}""");
        Assert.Equal("{\"B\":\"2\",\"C\":\"3\"}", changed["env"].GetRawText());
        Assert.False(changed["network"].GetBoolean());
        var shown = await host.Get("reg", "set");
        Assert.Equal(changed["updated_at"].GetString(), shown["updated_at"].GetString());
        Assert.Equal("[\"S\"]", shown["secrets"].GetRawText());
        Assert.DoesNotContain("vault:", shown.Body.GetRawText(), StringComparison.Ordinal);

        Assert.Equal("/secrets/C", (await Patch("""{"secrets":{"C":"vault:x"}}"""))["errors"][0].GetProperty("pointer").GetString());
        Assert.Equal("/runtime", (await Patch("""{"runtime":"node"}"""))["errors"][0].GetProperty("pointer").GetString());
        Assert.Equal("function_not_found", (await host.Send("reg", HttpMethod.Patch, "none", new { })).Code);
    }

    [Fact]
    public async Task Lists_are_paged_by_name()
    {
        foreach (var name in new[] { "b", "a/x", "c:y" })
            await host.Create("paged", name);
        var first = await host.Get("paged", Path + "?limit=2");
        Assert.Equal(["a/x", "b"], first.Body.EnumerateArray().Select(x => x.GetProperty("name").GetString()));
        Assert.Contains("cursor=b", Assert.Single(first.Headers.GetValues("Link")), StringComparison.Ordinal);
        Assert.Equal(["c:y"], (await host.Get("paged", Path + "?limit=2&cursor=b")).Body.EnumerateArray().Select(x => x.GetProperty("name").GetString()));
        Assert.Equal("a/x", (await host.Get("paged", "a%2Fx"))["name"].GetString());
    }

    [Fact]
    public async Task Nobody_is_answered_without_a_token()
    {
        foreach (var (method, path) in new[] { (HttpMethod.Get, Path), (HttpMethod.Post, Path), (HttpMethod.Post, Path + "/x/deployments"), (HttpMethod.Delete, Path + "/x/versions/1") })
            Assert.Equal(401, (await host.Send(null, method, path)).Status);
    }

    [Fact]
    public async Task The_description_names_every_path()
    {
        var paths = (await host.Send(null, HttpMethod.Get, "/openapi/v1.json"))["paths"];
        foreach (var path in new[] { "", "/{name}", "/{name}/deployments", "/{name}/promote", "/{name}/versions/{version}" })
            Assert.True(paths.TryGetProperty(Path + path, out _), path);
        Assert.True(paths.GetProperty(Path + "/{name}/deployments").GetProperty("post").GetProperty("requestBody").GetProperty("content").TryGetProperty("application/gzip", out _));
    }
}
