using System.Net;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_wrong_request_is_refused_with_its_reason(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task An_unknown_job()
    {
        (await api.Post("/jobs/v1/unknown-job/trigger", "{}")).Refused(HttpStatusCode.NotFound, "job_not_found");
        (await api.Get("/jobs/v1/_admin/jobs/unknown-job")).Refused(HttpStatusCode.NotFound, "job_not_found");
        (await api.Get("/jobs/v1/runs/run_01M808K44D8CGN4DPWFSFX9RA0")).Refused(HttpStatusCode.NotFound, "run_not_found");
        (await api.Get("/jobs/v1/runs/nonsense")).Refused(HttpStatusCode.NotFound, "run_not_found");
    }

    [Fact]
    public async Task Text_that_is_no_json_with_its_place()
    {
        var answer = (await api.Post($"/jobs/v1/{await Job()}/trigger", "{\"payload\": 1,\n  \"delay\": oops}")).Refused(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains("line 2, column 12", (string?)answer.Json["detail"], StringComparison.Ordinal);
        Assert.Equal("application/problem+json", answer.ContentType);
    }

    [Fact]
    public async Task A_payload_of_more_than_a_mebibyte()
    {
        var path = $"/jobs/v1/{await Job()}/trigger";
        (await api.Post(path, $$"""{"payload": "{{new string('x', (1 << 20) - 2)}}"}""")).Is(HttpStatusCode.Accepted);
        (await api.Post(path, $$"""{"payload": "{{new string('x', (1 << 20) - 1)}}"}""")).Refused(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
        (await api.Post(path, $$"""{"payload": "{{new string('x', 3 << 20)}}"}""")).Refused(HttpStatusCode.RequestEntityTooLarge, "payload_too_large");
    }

    [Fact]
    public async Task Nesting_deeper_than_64()
    {
        var path = $"/jobs/v1/{await Job()}/trigger";
        // The object around the payload counts.
        (await api.Post(path, $$"""{"payload": {{Nested(63)}}}""")).Is(HttpStatusCode.Accepted);
        var answer = (await api.Post(path, $$"""{"payload": {{Nested(64)}}}""")).Refused(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains("deeper than 64", (string?)answer.Json["detail"], StringComparison.Ordinal);
    }

    static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    [Theory]
    [InlineData("""{"name": "-dash", "handler": "echo"}""", "/name")]
    [InlineData("""{"name": "with space", "handler": "echo"}""", "/name")]
    [InlineData("""{"name": "runs", "handler": "echo"}""", "/name")]
    [InlineData("""{"name": "", "handler": "echo"}""", "/name")]
    [InlineData("""{"handler": "echo"}""", "/name")]
    [InlineData("""{"name": "no-handler"}""", "/handler")]
    [InlineData("""{"name": "wrong", "handler": "echo", "max_concurrency": 0}""", "/max_concurrency")]
    [InlineData("""{"name": "wrong", "handler": "echo", "timeout_ms": "soon"}""", "/timeout_ms")]
    [InlineData("""{"name": "wrong", "handler": "echo", "retry": {"maxAttempts": 0}}""", "/retry/max_attempts")]
    [InlineData("""{"name": "wrong", "handler": "echo", "max_concurency": 3}""", "/max_concurency")]
    [InlineData("""{"name": "wrong", "handler": "echo", "triggers": [{"kind": "event"}]}""", "/triggers/0/topic")]
    [InlineData("""[1]""", "")]
    public async Task A_job_that_cannot_be(string job, string pointer) => await Refuses("/jobs/v1/_admin/jobs", job, pointer);

    [Theory]
    [InlineData("""{"delay": "soon"}""", "/delay")]
    [InlineData("""{"delay": "5 parsecs"}""", "/delay")]
    [InlineData("""{"delay": -1}""", "/delay")]
    [InlineData("""{"delay": "1s", "run_at": "2026-01-01T00:00:00Z"}""", "/delay")]
    [InlineData("""{"run_at": "tomorrow"}""", "/run_at")]
    [InlineData("""{"priority": "urgent"}""", "/priority")]
    [InlineData("""{"timeout_ms": 0}""", "/timeout_ms")]
    [InlineData("""{"paylod": 1}""", "/paylod")]
    public async Task A_trigger_that_cannot_be(string trigger, string pointer) => await Refuses($"/jobs/v1/{await Job()}/trigger", trigger, pointer);

    async Task Refuses(string path, string body, string pointer)
    {
        var answer = (await api.Post(path, body)).Refused(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Contains(pointer, answer.Json["errors"]!.AsArray().Select(error => (string)error!["pointer"]!));
    }

    [Fact]
    public async Task A_misspelt_field_with_the_one_that_was_meant()
    {
        var answer = (await api.Post($"/jobs/v1/{await Job()}/trigger", """{"paylod": 1}""")).Is(HttpStatusCode.BadRequest);
        Assert.Contains("did you mean payload?", (string?)answer.Json["errors"]![0]!["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/jobs/v1/runs?limit=0")]
    [InlineData("/jobs/v1/runs?limit=501")]
    [InlineData("/jobs/v1/runs?status=done")]
    [InlineData("/jobs/v1/runs?since=yesterday")]
    [InlineData("/jobs/v1/runs?cursor=nonsense")]
    [InlineData("/jobs/v1/_admin/logs?run_id=nonsense")]
    public async Task A_list_that_cannot_be(string path) => (await api.Get(path)).Refused(HttpStatusCode.BadRequest, "invalid_request");

    [Fact]
    public async Task A_caller_without_a_token()
    {
        using var stranger = new Api(shared.Suite.Url, "rjs_unknown");
        (await stranger.Get("/jobs/v1/runs")).Refused(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_step_whose_output_is_over_its_limit()
    {
        await api.Job("large-output", new { handler = "large" });
        var fits = await api.Ended(await api.Trigger("large-output", new { bytes = (1 << 20) - 2 }));
        Assert.Equal("completed", (string?)fits["status"]);
        var run = await api.Ended(await api.Trigger("large-output", new { bytes = (1 << 20) - 1 }));
        Assert.Equal(("failed", 1, "large"), ((string)run["status"]!, (int)run["attempt"]!, (string)run["error"]!["step"]!));
        Assert.Contains("1,048,576", (string?)run["error"]!["message"], StringComparison.Ordinal);
    }

    async Task<string> Job()
    {
        // Created once, and the same again after that.
        Assert.True((await api.Post("/jobs/v1/_admin/jobs", """{"name": "inputs", "handler": "nobody", "max_concurrency": 1000}""")).Status is HttpStatusCode.Created or HttpStatusCode.OK);
        return "inputs";
    }
}
