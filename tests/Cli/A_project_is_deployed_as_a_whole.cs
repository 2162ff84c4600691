using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Tests.Cli;

public sealed class A_project_is_deployed_as_a_whole : IAsyncLifetime
{
    const string Functions = "/functions/v1/_admin/functions";
    const string Manifest = """{"jobs":[{"id":"nightly","handler":"alpha"},{"id":"hourly","handler":"beta"}]}""";

    FakeApi api = null!;
    Shell shell = null!;

    public async Task InitializeAsync()
    {
        api = await FakeApi.Start();
        shell = new Shell(api);
        shell.Write("functions/alpha/index.ts", "alpha");
        shell.Write("functions/beta/code/index.ts", "beta");
        shell.Write("functions/_shared/lib.ts", "no function");
        shell.Write("jobs/manifest.json", Manifest);
    }

    public async Task DisposeAsync()
    {
        shell.Dispose();
        await api.DisposeAsync();
    }

    static string Version(string name, int number) => $$"""{"id":"dep_{{name}}{{number}}","version":{{number}},"sha256":"{{name}}-{{number}}","bytes":100,"files":1,"entry":"index.ts"}""";

    static string Live(string name, int number) => $$"""{"name":"{{name}}","live_version":{{number}},"versions":[{{Version(name, number)}}]}""";

    IEnumerable<string> Sent => api.Requests.Select(x => x.ToString());

    const string UnknownTarget = """[{"pointer":"triggers/0/functionPath","detail":"There is no job and no function's export \"beta:run\"."}]""";

    [Fact]
    public async Task A_function_whose_triggers_are_for_another_one_comes_after_it()
    {
        api.Answers(Live("alpha", 1)).Refuses(400, "handler_not_found", "triggers/0/functionPath: no", UnknownTarget)
            .Answers(Live("beta", 4)).Answers(Version("beta", 5), 201)
            .Answers(Live("alpha", 1)).Answers(Version("alpha", 2), 201)
            .Answers(Live("beta", 5)).Answers(Live("alpha", 2))
            .Answers("""{"created":[],"updated":[],"unchanged":["nightly","hourly"]}""");

        var ended = await shell.Run("deploy");

        Assert.Equal(("", 0), (ended.Error, ended.Exit));
        Assert.Equal(["alpha", "beta", "alpha"], Sent.Where(x => x.EndsWith("/deployments", StringComparison.Ordinal)).Select(x => x.Split('/')[^2]));
    }

    [Fact]
    public async Task A_target_that_is_nothing_is_told_with_its_place()
    {
        api.Answers(Live("alpha", 1)).Refuses(400, "handler_not_found", "triggers/0/functionPath: no", UnknownTarget).Answers(Live("beta", 4)).Answers(Version("beta", 5), 201)
            .Answers(Live("alpha", 1)).Refuses(400, "handler_not_found", "triggers/0/functionPath: no", UnknownTarget);
        var ended = await shell.Run("deploy");
        Assert.Equal(1, ended.Exit);
        Assert.Contains("functions/alpha/triggers/0/functionPath", ended.Error, StringComparison.Ordinal);
        Assert.Contains("There is no job and no function's export \"beta:run\".", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_functions_are_built_then_all_go_live_then_the_jobs_are_applied()
    {
        api.Refuses(404, "function_not_found", "No.").Answers("{}", 201).Answers(Version("alpha", 1), 201)
            .Answers(Live("beta", 4)).Answers(Version("beta", 5), 201)
            .Answers(Live("alpha", 1)).Answers(Live("beta", 5))
            .Answers("""{"created":["nightly"],"updated":[],"unchanged":["hourly"]}""");

        var ended = await shell.Run("deploy");

        Assert.Equal("", ended.Error);
        Assert.Equal(0, ended.Exit);
        Assert.Equal(
        [
            $"GET {Functions}/alpha", $$"""POST {{Functions}} {"name":"alpha","runtime":"bun"}""", $"POST {Functions}/alpha/deployments",
            $"GET {Functions}/beta", $"POST {Functions}/beta/deployments",
            $$"""POST {{Functions}}/alpha/promote {"version":1}""", $$"""POST {{Functions}}/beta/promote {"version":5}""",
            $"POST /jobs/v1/jobs {Manifest}",
        ], Sent);
        Assert.StartsWith($"deploying 2 functions and 2 jobs to {api.Url}\nalpha: created, runs on bun\n", ended.Out, StringComparison.Ordinal);
        Assert.EndsWith("""

            KIND      NAME     ACTION     VERSION
            function  alpha    created          1
            function  beta     updated          5
            job       nightly  created
            job       hourly   unchanged

            """, ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again_while_the_suite_still_has_it()
    {
        File.Delete(Path.Combine(shell.Folder, "jobs/manifest.json"));
        Directory.Delete(Path.Combine(shell.Folder, "functions/beta"), recursive: true);
        api.Answers(Live("alpha", 1)).Answers(Version("alpha", 2), 201).Answers(Live("alpha", 2))
            .Answers(Live("alpha", 2))
            .Answers("""{"name":"alpha","live_version":2,"versions":[{"version":2,"sha256":"another"}]}""").Answers(Version("alpha", 3), 201).Answers(Live("alpha", 3))
            .Answers(Live("alpha", 3)).Answers(Version("alpha", 4), 201).Answers(Live("alpha", 4));

        await shell.Run("deploy");
        Assert.Equal("alpha\n", (await shell.Run("deploy", "-o", "ids")).Out);
        Assert.Equal(4, api.Requests.Count);

        // The same files; the suite has another version of that number.
        await shell.Run("deploy");
        Assert.Equal(7, api.Requests.Count);

        shell.Write("functions/alpha/index.ts", "changed");
        await shell.Run("deploy");
        Assert.Equal(10, api.Requests.Count);
        Assert.Equal("*\n", File.ReadAllText(Path.Combine(shell.Folder, ".reactor/.gitignore")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("""{"http":"x"}""")]
    [InlineData("""{"x":{"alpha":1}}""")]
    public async Task A_record_that_is_none_costs_an_upload_and_nothing_else(string record)
    {
        shell.Write(".reactor/deployed.json", record);
        api.Answers(Live("alpha", 1)).Answers(Version("alpha", 2), 201).Answers(Live("beta", 1)).Answers(Version("beta", 2), 201);
        Assert.Equal(0, (await shell.Run("deploy")).Exit);
    }

    [Fact]
    public async Task What_cannot_be_built_lets_nothing_go_live()
    {
        api.Answers(Live("alpha", 1)).Refuses(400, "invalid_bundle", "index.ts:1:1: Bad", """[{"pointer":"index.ts:1:1","detail":"Bad"}]""")
            .Answers(Live("beta", 4)).Answers(Version("beta", 5), 201);

        var ended = await shell.Run("deploy");

        Assert.Equal(1, ended.Exit);
        Assert.Equal("error: alpha is not deployed (invalid_bundle)\n  functions/alpha/index.ts:1:1: Bad\n", ended.Error);
        Assert.EndsWith("""

            KIND      NAME     ACTION   VERSION
            function  alpha    failed
            function  beta     skipped
            job       nightly  skipped
            job       hourly   skipped

            """, ended.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Sent, x => x.Contains("promote", StringComparison.Ordinal) || x.Contains("/jobs/v1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Errors_of_the_manifest_are_at_their_line_and_column()
    {
        Directory.Delete(Path.Combine(shell.Folder, "functions"), recursive: true);
        shell.Write("jobs/manifest.json", "{\n  \"jobs\": [\n    { \"id\": \"Zoë\", \"handlr\": \"x\",\n      \"timeoutMs\": -1 }\n  ]\n}\n");
        api.Refuses(400, "invalid_manifest", "Three.", """
            [{"pointer":"/jobs/0/handlr","detail":"is not a known field; did you mean handler?"},{"pointer":"/jobs/0/timeout_ms","detail":"must be a whole number"},{"pointer":"/jobs/0/handler","detail":"is required"}]
            """.Trim());

        var ended = await shell.Run("deploy");

        Assert.Equal(1, ended.Exit);
        Assert.Equal("""
            error: jobs/manifest.json is not applied, for 3 reasons (invalid_manifest)
              jobs/manifest.json:3:20: /jobs/0/handlr is not a known field; did you mean handler?
              jobs/manifest.json:4:7: /jobs/0/timeout_ms must be a whole number
              jobs/manifest.json:3:5: /jobs/0/handler is required

            """, ended.Error);
        Assert.EndsWith("KIND  NAME  ACTION  VERSION\njob   Zoë   failed\n", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_is_nearly_a_function_of_the_project_is_doubted()
    {
        shell.Write("jobs/manifest.json", """{"jobs":[{"id":"a","handler":"alfa"},{"id":"b","handler":"elsewhere"}]}""");
        var ended = await shell.Run("deploy", "--dry-run");
        Assert.Equal("warning: jobs/manifest.json:1:20: alfa is no function of this project; did you mean alpha?\n", ended.Error);
        Assert.Equal(0, ended.Exit);
    }

    [Fact]
    public async Task A_dry_run_plans_and_changes_nothing()
    {
        api.Refuses(404, "function_not_found", "No.").Answers(Live("beta", 4)).Answers("{}").Refuses(404, "job_not_found", "No.");
        var ended = await shell.Run("deploy", "--dry-run");
        Assert.Equal("""
            KIND      NAME     ACTION  VERSION
            function  alpha    create
            function  beta     update        4
            job       nightly  apply
            job       hourly   create

            """, ended.Out);
        Assert.All(api.Requests, x => Assert.Equal("GET", x.Method));
        Assert.False(Directory.Exists(Path.Combine(shell.Folder, ".reactor")));
    }

    [Fact]
    public async Task A_manifest_that_is_no_json_is_refused_before_anything_is_sent()
    {
        shell.Write("jobs/manifest.json", "{\n  \"jobs\": [,]\n}");
        var ended = await shell.Run("deploy");
        Assert.Equal(2, ended.Exit);
        Assert.StartsWith("error: jobs/manifest.json:2:12: is not JSON: ", ended.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task A_refused_token_ends_it_at_once()
    {
        api.Refuses(401, "unauthorized", "The token has run out.");
        var ended = await shell.Run("deploy");
        Assert.Equal(3, ended.Exit);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Another_folder_is_named_in_every_message()
    {
        shell.Write("app/functions/gamma/index.ts", "x");
        api.Answers(Live("gamma", 1)).Does(async http =>
        {
            http.Response.StatusCode = 413;
            await http.Response.WriteAsync("""{"code":"payload_too_large","detail":"Too large.","errors":[{"pointer":"","detail":"is too large"}]}""");
        });
        Assert.Equal("error: gamma is not deployed (payload_too_large)\n  app/functions/gamma: is too large\n", (await shell.Run("deploy", "--dir", "app")).Error);
    }
}
