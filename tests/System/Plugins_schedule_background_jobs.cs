using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Reaction's background jobs: by HTTP, with workers of <c>@reactor/background-jobs</c>.</summary>
[Collection(SharedSuite.Name)]
public sealed class Plugins_schedule_background_jobs(SharedSuite shared)
{
    const string Jobs = "/resources/jobs";

    readonly Api api = shared.Api;

    [Fact]
    public async Task A_worker_says_how_far_it_is_and_what_came_of_it()
    {
        await using var worker = WorkerProcess.Start(shared.Suite, "reaction.mjs");
        var job = await Schedule("""{"type": "someUniqueJobType", "data": {"name": "Ada"}, "retry": {"retries": 5, "wait": 60000, "backoff": "exponential"}, "priority": "high"}""");
        Assert.Equal(("someUniqueJobType", """{"name":"Ada"}""", "high", 6), ((string?)job["type"], job["data"]!.ToJsonString(), (string?)job["priority"], (int)job["maxAttempts"]!));

        await api.Ended((string)job["id"]!);

        var done = (await api.Get($"{Jobs}/{job["id"]}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(("completed", "Done message for Ada", """{"completed":2,"total":2,"percent":100}"""), ((string?)done["status"], (string?)done["result"], done["progress"]!.ToJsonString()));
        var retry = (await api.Get("/jobs/v1/_admin/jobs/someUniqueJobType")).Json["retry"]!;
        Assert.Equal((6, "exponential", 60_000, 2), ((int)retry["max_attempts"]!, (string?)retry["backoff"], (int)retry["initial_delay_ms"]!, (int)retry["multiplier"]!));

        var failed = await api.Ended((string)(await Schedule("""{"type": "closedShop"}"""))["id"]!);
        Assert.Equal(("failed", "the shop is closed"), ((string?)failed["status"], (string?)failed["error"]!["message"]));
    }

    /// <summary>Each sample of the guide, in <c>workers/reaction-guide.mjs</c>.</summary>
    [Fact]
    public async Task As_the_guide_prints_it()
    {
        var sign = shared.Sign();
        await using var worker = WorkerProcess.Start(shared.Suite, "reaction-guide.mjs", ("SIGN", sign));
        await Until.True("the guide's samples have run", () => Task.FromResult(File.Exists(sign) || (worker.Child.HasExited ? throw new InvalidOperationException(worker.Child.LastWords) : false)));

        var said = JsonNode.Parse(await File.ReadAllTextAsync(sign))!;
        var job = said["scheduled"]!;
        Assert.Equal(("someUniqueJobType", "{}", "scheduled", "normal", "every day", 6), (
            (string?)job["type"], job["data"]!.ToJsonString(), (string?)job["status"], (string?)job["priority"], (string?)job["schedule"], (int)job["maxAttempts"]!));
        Assert.Equal(job.ToJsonString(), said["got"]!.ToJsonString());
        Assert.Equal("[null,\"scheduled\"]", said["cancelled"]!.ToJsonString());
        foreach (var type in (string[])["saveImage%2Flocal", "saveImage%2Fremote"])
            Assert.Equal(7, (int)(await api.Get($"/jobs/v1/_admin/jobs/{type}")).Is(HttpStatusCode.OK).Json["retention_days"]!);

        Assert.Equal("Done message", (string?)(await api.Ended((string)(await Schedule("""{"type": "someUniqueJobType", "data": {}}"""))["id"]!))["result"]);
        var thrown = await Schedule("""{"type": "someUniqueJobType", "data": {"broken": true}, "retry": {"retries": 0}}""");
        Assert.Equal("it broke", (string?)(await api.Ended((string)thrown["id"]!))["error"]!["message"]);
        await api.Post($"{Jobs}/cancel", """{"type": "someUniqueJobType"}""");
    }

    [Fact]
    public async Task A_schedule_is_a_job_too_until_it_is_cancelled()
    {
        const string daily = """{"type": "daily", "data": {"shopId": "a", "n": 1}, "schedule": "every day", "priority": 7}""";
        var job = await Schedule(daily);
        Assert.Equal(("scheduled", "every day", "7"), ((string?)job["status"], (string?)job["schedule"], (string?)job["priority"]));
        Assert.EndsWith("T00:00:00.000Z", (string?)job["runAt"], StringComparison.Ordinal);
        Assert.Equal(job.ToJsonString(), (await Schedule(daily)).ToJsonString());
        Assert.Equal(job.ToJsonString(), (await api.Get($"{Jobs}/{job["id"]}")).Is(HttpStatusCode.OK).Json.ToJsonString());
        await Schedule("""{"type": "daily", "data": {"shopId": "b"}, "schedule": "0 6 * * *"}""");
        var once = await Schedule("""{"type": "daily", "data": {"shopId": "a"}}""");

        var cancelled = (await api.Post($"{Jobs}/cancel", """{"type": "daily", "data": {"shopId": "a"}}""")).Is(HttpStatusCode.OK).Json;

        Assert.Equal($$"""{"cancelled":2,"ids":["{{job["id"]}}","{{once["id"]}}"]}""", cancelled.ToJsonString());
        Assert.Equal("cancelled", (string?)(await api.Get($"{Jobs}/{once["id"]}")).Json["status"]);
        (await api.Get($"{Jobs}/{job["id"]}")).Refused(HttpStatusCode.NotFound, "job_not_found");
        Assert.Equal("0 6 * * *", await Schedules("daily"));
    }

    [Fact]
    public async Task Repeats_are_cancelled_before_one_is_scheduled()
    {
        await Schedule("""{"type": "repeated", "schedule": "every 1 hour"}""");
        var waiting = await Schedule("""{"type": "repeated"}""");
        var kept = await Schedule("""{"type": "repeated", "data": {}, "schedule": "every day"}""");

        var job = await Schedule("""{"type": "repeated", "data": {}, "schedule": "every day", "cancelRepeats": true}""");

        Assert.Equal((string?)kept["id"], (string?)job["id"]);
        Assert.Equal("every day", await Schedules("repeated"));
        Assert.Equal("cancelled", (string?)(await api.Run((string)waiting["id"]!))["status"]);
    }

    [Fact]
    public async Task Plugins_that_start_at_once_may_ask_for_the_same_new_type()
    {
        var jobs = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Schedule($$"""{"type": "sharedByAll", "data": {{i}}}""")));
        Assert.Equal(8, jobs.DistinctBy(x => (string?)x["id"]).Count());
    }

    [Fact]
    public async Task Cleanup_is_a_types_retention()
    {
        (await api.Send(HttpMethod.Put, "/resources/cleanup", """{"type": "saveImage/local", "purgeAfterDays": 7}""")).Is(HttpStatusCode.OK);
        Assert.Equal(7, (int)(await api.Get("/jobs/v1/_admin/jobs/saveImage%2Flocal")).Is(HttpStatusCode.OK).Json["retention_days"]!);
        (await api.Send(HttpMethod.Put, "/resources/cleanup", """{"type": "saveImage/local", "purgeAfterDays": 0}""")).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Theory]
    [InlineData("""{"type": "a", "schedule": "every fortnight"}""", "/schedule", "\"fortnight\" at position 7")]
    [InlineData("""{"type": "a", "schedule": "0 25 * * *"}""", "/schedule", "hour \"25\" at position 3")]
    [InlineData("""{"type": "a", "schedule": "on the 30 day of february"}""", "/schedule", "never comes")]
    [InlineData("""{"type": "no type"}""", "/type", "")]
    [InlineData("""{"type": "a", "priority": "urgent"}""", "/priority", "critical")]
    [InlineData("""{"type": "a", "retry": {"backoff": "sometimes"}}""", "/retry/backoff", "constant, linear, exponential")]
    [InlineData("""{"type": "a", "retries": 5}""", "/retries", "is not a known field")]
    public async Task A_mistake_is_named(string body, string pointer, string detail)
    {
        var errors = (await api.Post(Jobs, body)).Refused(HttpStatusCode.BadRequest, "invalid_request").Json["errors"]!.AsArray();
        Assert.Contains(errors, x => (string?)x!["pointer"] == pointer && ((string)x["detail"]!).Contains(detail, StringComparison.Ordinal));
    }

    async Task<JsonNode> Schedule(string body) => (await api.Post(Jobs, body)).Is(HttpStatusCode.Created).Json;

    async Task<string> Schedules(string type) =>
        string.Join(", ", (await api.All($"/jobs/v1/_admin/jobs/{type}/triggers")).Select(x => (string?)x["text"] ?? (string?)x["schedule"]));
}
