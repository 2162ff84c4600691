using ReactorJobs.Cli;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Dev;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Tests.Cli;

/// <summary>What <c>reactor dev</c> does with a project while its suite runs.</summary>
public sealed class What_is_saved_goes_live : IAsyncLifetime
{
    const string Functions = "/functions/v1/_admin/functions";

    /// <summary>Far above what anything takes; it only keeps a broken test from hanging.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly StringWriter screen = new();
    FakeApi api = null!;
    Shell shell = null!;

    public async Task InitializeAsync()
    {
        api = await FakeApi.Start();
        shell = new Shell();
    }

    public async Task DisposeAsync()
    {
        shell.Dispose();
        await api.DisposeAsync();
    }

    DevProject Project()
    {
        var terminal = new Terminal(new(() => new StringReader("")), TextWriter.Null, screen);
        var here = new Surroundings(terminal, new Dictionary<string, string>(), shell.Folder, shell.Clock);
        return new DevProject(shell.Folder, Session.With(new ConnectionSettings(new Uri(api.Url), "tok", "acme", "dev-token"), here), new DevScreen(terminal), handlers => Task.FromResult<IReadOnlySet<string>?>(handlers.ToHashSet()));
    }

    static string Version(string name, int number) => $$"""{"version":{{number}},"sha256":"{{name}}-{{number}}","bytes":100,"entry":"index.ts"}""";

    static string Live(string name, int number) => $$"""{"name":"{{name}}","live_version":{{number}},"versions":[{{Version(name, number)}}]}""";

    /// <summary>A function of that version becomes one of the next.</summary>
    void Deploys(string name, int from) => api.Answers(Live(name, from)).Answers(Version(name, from + 1), 201).Answers(Live(name, from + 1));

    string Said()
    {
        var said = screen.ToString();
        screen.GetStringBuilder().Clear();
        return said;
    }

    [Fact]
    public async Task One_that_is_refused_keeps_nothing_else_back()
    {
        shell.Write("functions/alpha/index.ts", "function {");
        shell.Write("functions/beta/index.ts", "beta");
        shell.Write("functions/beta/function.json", """{"job":{}}""");
        shell.Write("jobs/manifest.json", """{"jobs":[{"id":"nightly","handler":"alpha"}]}""");
        api.Answers(Live("alpha", 1)).Refuses(400, "invalid_bundle", "index.ts:1:10: Bad", """[{"pointer":"index.ts:1:10","detail":"Bad"}]""");
        Deploys("beta", 4);
        api.Answers("""{"created":["nightly"],"updated":[],"unchanged":[]}""");

        await Project().Deploy(default);

        Assert.Equal("""
            error: alpha is not deployed (invalid_bundle)
              functions/alpha/index.ts:1:10: Bad
              beta: version 5 is live after 0ms, with its job
              job nightly: created

            """, Said());
    }

    [Fact]
    public async Task What_was_live_stays_live_while_a_file_is_broken()
    {
        shell.Write("functions/alpha/index.ts", "good");
        var project = Project();
        Deploys("alpha", 1);
        await project.Deploy(default);
        Said();

        shell.Write("functions/alpha/function.json", "{ half");
        await project.Deploy(default);
        Assert.Equal("error: functions/alpha/function.json:1:3: is not JSON: 'h' is an invalid start of a property name. Expected a '\"'\n  alpha: version 2 stays live\n", Said());
        await project.Deploy(default);
        Assert.Equal("", Said());

        shell.Write("functions/alpha/function.json", "{}");
        Deploys("alpha", 2);
        await project.Deploy(default);
        Assert.Equal("  alpha: version 3 is live after 0ms\n", Said());
    }

    [Fact]
    public async Task Triggers_for_what_is_not_there_are_told_and_tried_again_when_it_may_have_come()
    {
        shell.Write("functions/crons/index.ts", "x");
        shell.Write("functions/presence/index.ts", "x");
        void Refuses() => api.Answers(Live("crons", 1)).Refuses(
            400, "handler_not_found", "No.", """[{"pointer":"triggers/0/functionPath","detail":"There is no job and no function's export \"presence:sweep\"."}]""");
        Refuses();
        Deploys("presence", 1);
        Refuses();
        var project = Project();
        await project.Deploy(default);
        Assert.Equal("""
              presence: version 2 is live after 0ms
            error: crons is not deployed (handler_not_found)
              functions/crons/triggers/0/functionPath: There is no job and no function's export "presence:sweep".
            hint: deploy the function that exports it, or make a job of that name: reactor jobs create NAME

            """, Said());

        shell.Write("functions/presence/index.ts", "with sweep");
        Deploys("presence", 2);
        Deploys("crons", 1);
        await project.Deploy(default);
        Assert.Equal("  presence: version 3 is live after 0ms\n  crons: version 2 is live after 0ms\n", Said());
    }

    [Fact]
    public async Task A_manifest_is_refused_at_its_line_and_column()
    {
        shell.Write("jobs/manifest.json", """{"jobs":[{"id":"nightly","handlr":"alpha"}]}""");
        api.Refuses(400, "invalid_manifest", "One.", """[{"pointer":"/jobs/0/handlr","detail":"is not a known field; did you mean handler?"}]""");
        await Project().Deploy(default);
        Assert.Equal("""
            error: jobs/manifest.json is not applied (invalid_manifest)
              jobs/manifest.json:1:26: /jobs/0/handlr is not a known field; did you mean handler?

            """, Said());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\n  \"jobs\": [")]
    [InlineData("null")]
    [InlineData("""{"jobs":[1,null,{}]}""")]
    [InlineData("""{"jobs":[{"id":"a","id":"b","handler":1}],"jobs":[]}""")]
    public async Task A_manifest_of_any_shape_is_refused_and_no_end(string text)
    {
        shell.Write("jobs/manifest.json", text);
        api.Refuses(400, "invalid_manifest", "Wrong.", """[{"pointer":"/jobs","detail":"is wrong"}]""");
        await Project().Deploy(default);
        Assert.StartsWith("error: jobs/manifest.json", Said(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_an_error_and_no_end()
    {
        shell.Write("functions/alpha/index.ts", "x");
        File.CreateSymbolicLink(Path.Combine(shell.Folder, "functions/alpha/nowhere.ts"), "missing.ts");
        shell.Write("functions/beta/index.ts", "x");
        Deploys("beta", 1);
        await Project().Deploy(default);
        Assert.Equal("error: functions/alpha/nowhere.ts is a link that leads nowhere: missing.ts\n  beta: version 2 is live after 0ms\n", Said());
    }

    [Fact]
    public async Task A_suite_that_does_not_answer_is_told_once_and_asked_again()
    {
        shell.Write("functions/alpha/index.ts", "x");
        shell.Write("jobs/manifest.json", "{}");
        var project = Project();
        for (var times = 0; times < 4; times++) api.Refuses(503, "unavailable", "The database does not answer.");
        await project.Deploy(default);
        await project.Deploy(default);
        Assert.StartsWith("error: alpha: The database does not answer. (unavailable)\nhint: ", Said(), StringComparison.Ordinal);
        Assert.Equal([$"GET {Functions}/alpha", "POST /jobs/v1/jobs {}", $"GET {Functions}/alpha", "POST /jobs/v1/jobs {}"], api.Requests.Select(x => x.ToString()));

        Deploys("alpha", 1);
        api.Answers("""{"created":[],"updated":["nightly"],"unchanged":[]}""");
        await project.Deploy(default);
        Assert.Equal("  alpha: version 2 is live after 0ms\n  job nightly: updated\n", Said());
        await project.Deploy(default);
        Assert.Equal("", Said());
    }

    [Fact]
    public async Task What_is_gone_stays_deployed_and_that_is_said()
    {
        shell.Write("functions/alpha/index.ts", "x");
        shell.Write("jobs/manifest.json", "{}");
        var project = Project();
        Deploys("alpha", 1);
        await project.Deploy(default);
        Said();

        Directory.Delete(Path.Combine(shell.Folder, "functions"), recursive: true);
        File.Delete(Path.Combine(shell.Folder, "jobs/manifest.json"));
        await project.Deploy(default);

        Assert.Equal("""
              alpha: its folder is gone, and it stays deployed; to delete it: reactor functions delete alpha
              jobs/manifest.json is gone, and its jobs stay; to delete one: reactor jobs delete NAME

            """, Said());
        Assert.DoesNotContain(api.Requests, x => x.Method == "DELETE");
    }

    [Fact]
    public async Task The_next_start_sends_only_what_has_changed()
    {
        shell.Write("functions/alpha/index.ts", "x");
        shell.Write("functions/beta/index.ts", "x");
        Deploys("alpha", 1);
        Deploys("beta", 1);
        await Project().Deploy(default);
        Said();

        shell.Write("functions/beta/index.ts", "changed");
        api.Answers(Live("alpha", 2));
        Deploys("beta", 2);
        await Project().Deploy(default);

        Assert.Equal("  alpha: unchanged, version 2 is live\n  beta: version 3 is live after 0ms\n", Said());
        Assert.Equal(10, api.Requests.Count);
    }

    [Fact]
    public async Task What_is_saved_during_a_deployment_is_deployed_after_it()
    {
        shell.Write("functions/alpha/index.ts", "x");
        using var stop = new CancellationTokenSource();
        var done = new TaskCompletionSource();
        api.Answers(Live("alpha", 1)).Does(async http =>
        {
            shell.Write("functions/alpha/index.ts", "saved meanwhile");
            http.Response.StatusCode = 201;
            await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Version("alpha", 2)));
        }).Answers(Live("alpha", 2)).Answers(Live("alpha", 2)).Answers(Version("alpha", 3), 201).Does(async http =>
        {
            await http.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Live("alpha", 3)));
            done.SetResult();
        });

        var following = Project().Follow(stop.Token);
        await done.Task.WaitAsync(Limit);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal("saved meanwhile", Unpacked.Of(api.Requests[4].Bytes)["index.ts"]);
    }

    [Fact]
    public async Task A_folder_is_deployed_as_soon_as_it_is_a_function()
    {
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        api.Does(http =>
        {
            asked.SetResult();
            return http.Response.Body.WriteAsync("{}"u8.ToArray()).AsTask();
        });
        Directory.CreateDirectory(Path.Combine(shell.Folder, "functions/alpha/code"));

        var following = Project().Follow(stop.Token);
        shell.Write("functions/alpha/code/index.ts", "x");
        await asked.Task.WaitAsync(Limit);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal($"GET {Functions}/alpha", api.Requests[0].ToString());
    }

    [Fact]
    public async Task A_stop_ends_a_deployment_that_is_under_way()
    {
        shell.Write("functions/alpha/index.ts", "x");
        using var stop = new CancellationTokenSource();
        api.Does(async http =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Project().Deploy(stop.Token).WaitAsync(Limit));
        Assert.Equal("", Said());
    }
}
