using System.Text.Json;

namespace ReactorJobs.Tests.Cli;

public sealed class A_function_is_deployed_from_its_folder : IAsyncLifetime
{
    const string Functions = "/functions/v1/_admin/functions";

    FakeApi api = null!;

    public async Task InitializeAsync() => api = await FakeApi.Start();

    public async Task DisposeAsync() => await api.DisposeAsync();

    Shell Project(string folder = "functions/process-order")
    {
        var shell = new Shell(api);
        shell.Write($"{folder}/code/index.ts", "export default () => new Response()");
        return shell;
    }

    [Fact]
    public async Task The_first_time_it_is_created_and_goes_live()
    {
        api.Refuses(404, "function_not_found", "No.").Answers(Samples.Function, 201).Answers(Samples.Deployment, 201).Answers(Samples.Function);
        using var shell = Project();
        shell.Write("functions/process-order/function.json", """{"runtime":"node"}""");

        var ended = await shell.Run("functions", "deploy", "process-order");

        Assert.Equal(0, ended.Exit);
        Assert.Equal("", ended.Error);
        Assert.Equal(
            [$"GET {Functions}/process-order", $$"""POST {{Functions}} {"name":"process-order","runtime":"node"}""", $"POST {Functions}/process-order/deployments", $$"""POST {{Functions}}/process-order/promote {"version":3}"""],
            api.Requests.Select(x => x.ToString()));
        Assert.Equal("application/gzip", api.Requests[2].Headers.ContentType);
        Assert.Equal(["code/index.ts", "function.json"], Unpacked.Of(api.Requests[2].Bytes).Keys);
        Assert.StartsWith("process-order: created, runs on node\nprocess-order: uploading 2 files, ", ended.Out, StringComparison.Ordinal);
        Assert.EndsWith("process-order: built code/index.ts in 0ms: version 3, 1.1 KiB\nprocess-order: version 3 is live\n", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bun_runs_it_where_nothing_else_is_said()
    {
        api.Refuses(404, "function_not_found", "No.");
        using var shell = Project();
        await shell.Run("functions", "deploy", "process-order");
        Assert.Equal("bun", JsonDocument.Parse(api.Requests[1].Body).RootElement.GetProperty("runtime").GetString());
    }

    [Theory]
    [InlineData("json", Samples.Deployment)]
    [InlineData("ids", "dep_3")]
    public async Task Scripts_get_the_deployment_and_nothing_else(string format, string output)
    {
        api.Answers(Samples.FunctionWithVersions).Answers(Samples.Deployment, 201).Answers(Samples.Function);
        using var shell = Project();
        Assert.Equal(output + "\n", (await shell.Run("functions", "deploy", "process-order", "-o", format)).Out);
    }

    [Fact]
    public async Task It_can_be_kept_from_going_live()
    {
        api.Answers(Samples.FunctionWithVersions).Answers(Samples.Deployment);
        using var shell = Project("elsewhere");
        var ended = await shell.Run("functions", "deploy", "process-order", "--dir", "elsewhere", "--no-promote");
        Assert.EndsWith("process-order: unchanged, it is version 3\nprocess-order: not live; put it live: reactor functions promote process-order --version 3\n", ended.Out, StringComparison.Ordinal);
        Assert.Equal(["GET", "POST"], api.Requests.Select(x => x.Method));
    }

    [Fact]
    public async Task Without_a_name_it_has_that_of_the_folder()
    {
        using var shell = Project();
        await shell.Run("functions", "deploy", "--dir", "functions/process-order");
        Assert.Equal($"GET {Functions}/process-order", api.Requests[0].ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_looks_at_a_large_upload_sees_how_far_it_is(bool terminal)
    {
        api.Answers(Samples.FunctionWithVersions).Answers(Samples.Deployment, 201).Answers(Samples.Function);
        using var shell = new Shell(api) { IsTerminal = terminal, NoColor = true };
        shell.Write("functions/f/index.ts", "code");
        var noise = new byte[1 << 20];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(shell.Folder, "functions/f/model.bin"), noise);

        var ended = await shell.Run("functions", "deploy", "f");

        if (!terminal) Assert.Equal("", ended.Error);
        else Assert.Matches("^\rf: [0-9]+ %(\r.*)+\rf: building… \r\e\\[K$", ended.Error);
        Assert.True(api.Requests[1].Bytes.Length > noise.Length);
    }

    [Fact]
    public async Task Errors_of_the_build_are_at_their_file_line_and_column()
    {
        api.Answers(Samples.FunctionWithVersions).Refuses(400, "invalid_bundle", "Two.",
            """[{"pointer":"code/index.ts:3:10","detail":"Unexpected }"},{"pointer":"function.json/job/retris","detail":"is not a known field; did you mean retries?"}]""");
        using var shell = Project();
        shell.Write("functions/process-order/function.json", "{\n  \"job\": {\n    \"handler\": \"x\", \"retris\": 3\n  }\n}\n");

        var ended = await shell.Run("functions", "deploy", "process-order");

        Assert.Equal(1, ended.Exit);
        Assert.Equal("""
            error: process-order is not deployed, for 2 reasons (invalid_bundle)
              functions/process-order/code/index.ts:3:10: Unexpected }
              functions/process-order/function.json:3:21: /job/retris is not a known field; did you mean retries?

            """, ended.Error);
    }

    [Fact]
    public async Task Another_refusal_than_a_missing_function_makes_none()
    {
        api.Refuses(404, "org_not_found", "No such org.");
        using var shell = Project();
        var ended = await shell.Run("functions", "deploy", "process-order");
        Assert.Equal(4, ended.Exit);
        Assert.Equal("GET", api.Request.Method);
    }

    [Theory]
    [InlineData("package-lock.json", "npm ci")]
    [InlineData("bun.lock", "bun install --frozen-lockfile")]
    public async Task Dependencies_that_are_not_installed_are_asked_for(string file, string install)
    {
        using var shell = Project();
        shell.Write("functions/process-order/package.json", """{"dependencies":{"@reactor/jobs-sdk":"1","zod":"3"}}""");
        shell.Write($"functions/process-order/{file}", "{}");

        var ended = await shell.Run("functions", "deploy", "process-order");

        Assert.Equal(1, ended.Exit);
        Assert.Equal($"error: functions/process-order has {file} and no node_modules: its dependencies are not installed\nhint: install them first: (cd functions/process-order && {install})\n", ended.Error);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task What_the_suite_brings_itself_need_not_be_installed()
    {
        using var shell = Project();
        shell.Write("functions/process-order/package.json", """{"dependencies":{"@reactor/jobs-sdk":"1"},"devDependencies":{"typescript":"5"}}""");
        shell.Write("functions/process-order/package-lock.json", "{}");
        Assert.Equal(0, (await shell.Run("functions", "deploy", "process-order")).Exit);
    }

    [Fact]
    public async Task A_misspelt_name_is_answered_with_the_near_ones()
    {
        using var shell = Project();
        Assert.StartsWith("error: there is no folder functions/process-oder; did you mean process-order?", (await shell.Run("functions", "deploy", "process-oder")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_takes_the_newest_version_before_the_live_one()
    {
        api.Answers(Samples.FunctionWithVersions).Answers(Samples.Function);
        using var shell = new Shell(api);
        Assert.Equal(0, (await shell.Run("functions", "rollback", "process-order")).Exit);
        Assert.Equal($$"""POST {{Functions}}/process-order/promote {"version":1}""", api.Requests[1].ToString());
    }

    [Theory]
    [InlineData("""{"name":"f","live_version":null,"versions":[]}""", "error: f has no live version to go back from")]
    [InlineData("""{"name":"f","live_version":2,"versions":[{"version":3},{"version":2}]}""", "error: f has no version older than 2, which is live")]
    public async Task Rollback_says_when_there_is_nothing_to_go_back_to(string function, string error)
    {
        api.Answers(function);
        using var shell = new Shell(api);
        var ended = await shell.Run("functions", "rollback", "f");
        Assert.Equal(1, ended.Exit);
        Assert.StartsWith(error, ended.Error, StringComparison.Ordinal);
        Assert.Equal("GET", api.Request.Method);
    }
}
