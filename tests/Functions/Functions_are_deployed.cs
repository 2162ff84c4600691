using System.Text;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Tests.Functions;

[Collection(WithHost.Name)]
public sealed class Functions_are_deployed(HostFixture fixture)
{
    readonly FunctionHost host = fixture.Host;

    static byte[] Greets(string text, string? manifest = null) =>
        manifest is null ? Archive.Of(("code/index.ts", $"export default () => '{text}';")) : Archive.Of(("code/index.ts", $"export default () => '{text}';"), ("function.json", manifest));

    static int[] Versions(Answer function) => [.. function["versions"].EnumerateArray().Select(x => x.GetProperty("version").GetInt32())];

    static async Task<IEnumerable<int>> VersionsOf(Task<Answer> function) => Versions(await function);

    static int[] Live(Answer function) => [.. function["versions"].EnumerateArray().Where(x => x.GetProperty("live").GetBoolean()).Select(x => x.GetProperty("version").GetInt32())];

    [Fact]
    public async Task A_deployment_is_a_version_and_goes_live_when_it_is_promoted()
    {
        await host.Create("dep", "f");
        var first = await host.Post("dep", "f/deployments", Greets("one"));
        Assert.Equal(201, first.Status);
        Assert.Equal((1, "code/index.ts", 2), (first["version"].GetInt32(), first["entry"].GetString(), first["files"].GetInt32()));
        Assert.StartsWith("dep_", first["id"].GetString(), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{64}$", first["sha256"].GetString());
        Assert.Empty(Live(await host.Get("dep", "f")));

        var again = await host.Post("dep", "f/deployments", Greets("one"));
        Assert.Equal((200, first["id"].GetString()), (again.Status, again["id"].GetString()));

        Assert.Equal(2, (await host.Post("dep", "f/deployments", Greets("two")))["version"].GetInt32());
        Assert.Equal(2, (await host.Post("dep", "f/promote"))["live_version"].GetInt32());
        var rolledBack = await host.Post("dep", "f/promote", new { version = 1 });
        Assert.Equal(1, rolledBack["live_version"].GetInt32());
        var shown = await host.Get("dep", "f");
        Assert.Equal([2, 1], Versions(shown));
        Assert.Equal([1], Live(shown));
        Assert.Equal("tester", shown["versions"][0].GetProperty("created_by").GetString());
    }

    [Fact]
    public async Task An_older_version_deployed_again_is_the_newest()
    {
        await host.Create("dep", "back");
        foreach (var (text, version) in new[] { ("one", 1), ("two", 2), ("one", 3) })
            Assert.Equal(version, await host.Deploy("dep", "back", text));
        Assert.Equal(3, (await host.Post("dep", "back/promote"))["live_version"].GetInt32());
    }

    [Fact]
    public async Task Other_settings_are_another_version()
    {
        await host.Create("dep", "settings");
        await host.Send("dep", HttpMethod.Patch, "settings", new { env = new { A = "function", B = "function" } });
        await host.Post("dep", "settings/deployments", Greets("x"));
        await host.Post("dep", "settings/deployments", Greets("x", """{"runtime":"node","network":false,"env":{"A":"bundle","C":"bundle"},"secrets":{"B":"vault:b"}}"""));

        var run = (await host.Functions.Registry.ToRun("dep", "settings", 2, default))!;
        Assert.Equal(("node", false, "code/index.js"), (run.Version.Runtime, run.Network, run.Version.Output));
        Assert.Equal("A=function B=function C=bundle", string.Join(' ', run.Variables.Env.Select(x => $"{x.Key}={x.Value}")));
        Assert.Empty(run.Variables.Secrets);
        Assert.True((await host.Functions.Registry.ToRun("dep", "settings", 1, default))!.Network);
        Assert.Null(await host.Functions.Registry.ToRun("dep", "settings", 3, default));
        Assert.Null(await host.Functions.Registry.ToRun("other", "settings", 1, default));
    }

    [Fact]
    public async Task Deployments_at_once_are_versions_of_their_own()
    {
        await host.Create("dep", "race");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => host.Post("dep", "race/deployments", Greets($"{i}"))));
        Assert.Equal([1, 2, 3, 4, 5, 6], answers.Select(x => x["version"].GetInt32()).Order());
    }

    [Fact]
    public async Task Old_versions_go_but_not_those_that_are_live_or_held()
    {
        await host.Create("dep", "kept");
        await host.Deploy("dep", "kept", "1");
        await host.Promote("dep", "kept");
        var run = host.Ids.NewRun();
        await host.Functions.Pins.Pin("dep", run, "kept");
        await host.Deploy("dep", "kept", "2");
        await host.Promote("dep", "kept");
        foreach (var text in new[] { "3", "4", "5", "6" })
            await host.Deploy("dep", "kept", text);
        Assert.Equal([6, 5, 4, 2, 1], await VersionsOf(host.Get("dep", "kept")));
    }

    [Fact]
    public async Task A_deleted_versions_number_is_not_given_again()
    {
        await host.Create("dep", "gone");
        await host.Deploy("dep", "gone", "1");
        await host.Deploy("dep", "gone", "2");
        await host.Promote("dep", "gone", 1);
        var live = await host.Delete("dep", "gone/versions/1");
        Assert.Equal((409, "version_live"), (live.Status, live.Code));
        Assert.Equal(204, (await host.Delete("dep", "gone/versions/2")).Status);
        Assert.Equal(3, await host.Deploy("dep", "gone", "2"));
        foreach (var missing in new[] { "2", "99", "x", "99999999999" })
            Assert.Equal("function_version_not_found", (await host.Delete("dep", "gone/versions/" + missing)).Code);
        Assert.Equal("function_version_not_found", (await host.Post("dep", "gone/promote", new { version = 2 })).Code);
        Assert.Equal(204, (await host.Delete("dep", "gone")).Status);
        Assert.Equal("function_not_found", (await host.Get("dep", "gone")).Code);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_deployed_or_promoted()
    {
        Assert.Equal("function_not_found", (await host.Post("dep", "none/deployments", Greets("x"))).Code);
        Assert.Equal("function_not_found", (await host.Post("dep", "none/promote")).Code);
        await host.Create("dep", "empty");
        Assert.Equal("function_not_deployed", (await host.Post("dep", "empty/promote")).Code);
        Assert.Equal("/version", (await host.Post("dep", "empty/promote", new { version = 0 }))["errors"][0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task What_is_wrong_in_a_bundle_is_answered_with_its_place()
    {
        await host.Create("dep", "wrong");
        var syntax = await host.Post("dep", "wrong/deployments", Archive.Of(("index.ts", "export default\n  const;")));
        Assert.Equal((400, "invalid_bundle"), (syntax.Status, syntax.Code));
        Assert.Equal("index.ts:2:3", syntax["errors"][0].GetProperty("pointer").GetString());
        Assert.Contains("has no entry", (await host.Post("dep", "wrong/deployments", Archive.Of(("main.ts", "")))).Detail, StringComparison.Ordinal);
        Assert.Contains("not a gzip archive", (await host.Post("dep", "wrong/deployments", "zip"u8.ToArray())).Detail, StringComparison.Ordinal);

        var random = new byte[70 << 10];
        new Random(1).NextBytes(random);
        var large = await host.Post("dep", "wrong/deployments", random);
        Assert.Equal((413, "payload_too_large"), (large.Status, large.Code));
        using var unannounced = new StreamContent(new ForwardOnly(random)) { Headers = { ContentType = new("application/gzip") } };
        Assert.Equal(413, (await host.Post("dep", "wrong/deployments", unannounced)).Status);
        var bomb = await host.Post("dep", "wrong/deployments", Archive.Of(("index.js", new string(' ', 2 << 20))));
        Assert.Equal((413, "index.js"), (bomb.Status, bomb["errors"][0].GetProperty("pointer").GetString()));
        var text = await host.Post("dep", "wrong/deployments", new StringContent("{}", Encoding.UTF8, "text/plain"));
        Assert.Equal("Content-Type", text["errors"][0].GetProperty("pointer").GetString());
        Assert.Empty(Versions(await host.Get("dep", "wrong")));
    }

    [Fact]
    public async Task What_is_wrong_in_its_settings_has_line_and_column()
    {
        await host.Create("dep", "misread");
        async Task<string[]> Places(string settings)
        {
            var refused = await host.Post("dep", "misread/deployments", Archive.Of(("index.ts", "export default 1"), ("function.json", settings)));
            Assert.Equal((400, "invalid_bundle"), (refused.Status, refused.Code));
            return [.. refused["errors"].EnumerateArray().Select(x => $"{x.GetProperty("pointer")} {x.GetProperty("line")}:{x.GetProperty("column")} {x.GetProperty("detail")}")];
        }

        Assert.Equal(
            ["function.json/runtime 2:3 must be one of bun, node; did you mean node?", "function.json/networks 3:3 is not a known field; did you mean network?"],
            await Places("{\n  \"runtime\": \"nod\",\n  \"networks\": true }"));
        Assert.Equal(["function.json/entry 2:2 names main.ts, which is not in the bundle"], await Places("{\n \"entry\": \"main.ts\" }"));
        Assert.Equal(["function.json 1:14 is not JSON (line 1, column 14)"], await Places("{\"entry\": \"x}"));

        host.JobRefusal = new(Problem.Invalid("/retry/max_attempts", "must be a whole number"));
        try
        {
            Assert.Equal(["function.json/job/retry/max_attempts 3:15 must be a whole number"], await Places("{\n  \"job\": {\n    \"retry\": {\"maxAttempts\": 0} } }"));
        }
        finally
        {
            host.JobRefusal = null;
        }
    }

    [Fact]
    public async Task The_job_of_a_bundle_is_applied_when_it_is_promoted()
    {
        await host.Create("jobs", "f");
        await host.Post("jobs", "f/deployments", Greets("x", """{"job": {"maxConcurrency":  5}}"""));
        Assert.DoesNotContain(host.AppliedJobs, x => x.Org == "jobs");
        await host.Promote("jobs", "f");
        Assert.Equal(("jobs", "f", "{\"maxConcurrency\":  5}"), Assert.Single(host.AppliedJobs, x => x.Org == "jobs"));

        host.JobRefusal = new(Problem.Invalid("/max_concurrency", "must be a whole number"));
        try
        {
            var early = await host.Post("jobs", "f/deployments", Greets("x", """{"job": {"maxConcurrency": "x"}}"""));
            Assert.Equal((400, "invalid_bundle", "function.json/job/max_concurrency"), (early.Status, early.Code, early["errors"][0].GetProperty("pointer").GetString()));

            await host.Deploy("jobs", "f", "no job");
            await host.Promote("jobs", "f");
            Assert.Equal(400, (await host.Post("jobs", "f/promote", new { version = 1 })).Status);
            Assert.Equal(2, (await host.Get("jobs", "f"))["live_version"].GetInt32());
        }
        finally
        {
            host.JobRefusal = null;
        }
    }

    [Fact]
    public async Task Another_orgs_functions_are_as_if_they_were_not_there()
    {
        await host.Create("mine", "f");
        await host.Create("theirs", "f", "node");
        await host.Deploy("mine", "f", "mine");
        await host.Deploy("theirs", "f", "theirs");
        await host.Deploy("theirs", "f", "theirs too");
        await host.Create("theirs", "only");

        Assert.Equal([1], await VersionsOf(host.Get("mine", "f")));
        Assert.Equal(2, (await host.Post("theirs", "f/promote"))["live_version"].GetInt32());
        Assert.Equal("function_version_not_found", (await host.Post("mine", "f/promote", new { version = 2 })).Code);
        foreach (var (method, path) in new[] { (HttpMethod.Get, "only"), (HttpMethod.Delete, "only"), (HttpMethod.Post, "only/promote"), (HttpMethod.Delete, "only/versions/1") })
            Assert.Equal((404, "function_not_found"), ((await host.Send("mine", method, path)) is var answer ? (answer.Status, answer.Code) : default));
        Assert.Equal(204, (await host.Delete("mine", "f")).Status);
        Assert.Equal([2, 1], await VersionsOf(host.Get("theirs", "f")));
        Assert.Equal(("theirs", "f", 2), Assert.Single(await host.Functions.Registry.Live(default), x => x.OrgId is "mine" or "theirs") is var live ? (live.OrgId, live.Name, live.Version) : default);
    }

    /// <summary>A body whose length is not told ahead.</summary>
    sealed class ForwardOnly(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
