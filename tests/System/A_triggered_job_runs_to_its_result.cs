using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_triggered_job_runs_to_its_result(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task A_job_is_created_triggered_and_waited_for()
    {
        var created = (await api.Post("/jobs/v1/_admin/jobs", """{"name": "quickstart", "function_name": "order", "retry": {"maxAttempts": 3}}""")).Is(HttpStatusCode.Created);
        Assert.Equal("quickstart", (string?)created.Json["id"]);

        var accepted = (await api.Post("/jobs/v1/quickstart/trigger", """{"payload": {"orderId": "ord_1"}}""")).Is(HttpStatusCode.Accepted).Json;
        Assert.Equal("pending", (string?)accepted["status"]);

        var run = await api.Ended((string)accepted["id"]!);
        Assert.Equal("completed", (string?)run["status"]);
        Assert.Equal("""{"orderId":"ord_1","charged":42}""", run["result"]!.ToJsonString());
    }

    [Fact]
    public async Task The_same_job_again_is_no_change_and_another_of_its_name_is_refused()
    {
        const string job = """{"name": "twice", "handler": "echo"}""";
        (await api.Post("/jobs/v1/_admin/jobs", job)).Is(HttpStatusCode.Created);
        (await api.Post("/jobs/v1/_admin/jobs", job)).Is(HttpStatusCode.OK);
        (await api.Post("/jobs/v1/_admin/jobs", """{"name": "twice", "handler": "order"}""")).Refused(HttpStatusCode.Conflict, "job_exists");
    }

    [Fact]
    public async Task A_finished_run_shows_everything_about_itself()
    {
        await api.Job("shown", new { handler = "order" });
        var run = await api.Ended(await api.Trigger("shown", new { orderId = "ord_2" }));

        Assert.Equal("shown", (string?)run["job_id"]);
        Assert.Equal((1, 3, "normal", "manual"), ((int)run["attempt"]!, (int)run["max_attempts"]!, (string)run["priority"]!, (string)run["trigger"]!["kind"]!));
        Assert.Null(run["error"]);
        Assert.Equal("ord_2", (string?)run["payload"]!["orderId"]);
        foreach (var time in (string[])["created_at", "run_at", "started_at", "completed_at"])
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)run[time]!);
        Assert.True((long)run["duration_ms"]! >= 0);

        var steps = run["steps"]!.AsArray();
        Assert.Equal(["validate", "charge"], steps.Select(step => (string)step!["name"]!));
        Assert.All(steps, step => Assert.Equal(("completed", 1), ((string)step!["status"]!, (int)step["attempt"]!)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"id": "ord_2", "total": 42}"""), steps[0]!["output"]));

        var attempt = Assert.Single(run["attempts"]!.AsArray())!;
        Assert.Equal((1, 1, "completed"), ((int)attempt["number"]!, (int)attempt["epoch"]!, (string)attempt["outcome"]!));
        Assert.NotEmpty((string)attempt["worker"]!);
        Assert.NotNull(attempt["ended_at"]);
    }

    [Fact]
    public async Task A_sleep_frees_the_worker_and_the_run_goes_on_after_it()
    {
        await api.Job("napping", new { handler = "nap" });
        var id = await api.Trigger("napping", new { duration = "300ms" });
        var run = await api.Ended(id);
        Assert.Equal("completed", (string?)run["status"]);
        Assert.Equal(["suspended", "completed"], run["attempts"]!.AsArray().Select(attempt => (string)attempt!["outcome"]!));
        Assert.Equal(["before", "nap", "after"], run["steps"]!.AsArray().Select(step => (string)step!["name"]!));
        // A wake is no attempt of the retry policy's.
        Assert.Equal(1, (int)run["attempt"]!);
    }

    [Fact]
    public async Task Delayed_runs_start_at_their_time()
    {
        await api.Job("later", new { handler = "echo" });
        var ids = new List<string>();
        for (var i = 0; i < 9; i++)
            ids.Add((string)(await api.Post("/jobs/v1/later/trigger", $$"""{"delay": "{{300 + (i * 50)}}ms"}""")).Is(HttpStatusCode.Accepted).Json["id"]!);
        var late = new List<TimeSpan>();
        foreach (var id in ids)
        {
            var run = await api.Ended(id);
            Assert.Equal("completed", (string?)run["status"]);
            late.Add((DateTimeOffset)run["started_at"]! - (DateTimeOffset)run["run_at"]!);
        }

        Assert.True(late.Min() >= TimeSpan.Zero, $"One started too early: {late.Min()}.");
        // A timer that is only found again by the next reading of the table is seconds late. The machine may be busy; the most of nine are not all unlucky.
        late.Sort();
        Assert.True(late[4] < TimeSpan.FromSeconds(1), $"They started late: {string.Join(", ", late)}.");
    }
}
