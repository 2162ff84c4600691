using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_failure_is_retried_or_buried(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task An_unavailable_handler_is_tried_again_when_it_asks_for_it()
    {
        // The backoff would come at once; what the handler asks for is longer, and wins.
        await api.Job("retry-503", new { handler = "moody", retry = new { maxAttempts = 3, initialDelayMs = 0 } });
        var run = await api.Ended(await api.Trigger("retry-503", new { status = 503, retryAfter = "1" }));
        Assert.Equal(("completed", 2), ((string)run["status"]!, (int)run["attempt"]!));
        var attempts = run["attempts"]!.AsArray();
        Assert.Equal(["failed", "completed"], attempts.Select(attempt => (string)attempt!["outcome"]!));
        Assert.True((DateTimeOffset)attempts[1]!["started_at"]! - (DateTimeOffset)attempts[0]!["ended_at"]! >= TimeSpan.FromMilliseconds(990));
    }

    [Fact]
    public async Task An_input_that_the_handler_refuses_is_buried_at_once()
    {
        await api.Job("fatal-422", new { handler = "moody", retry = new { maxAttempts = 5, initialDelayMs = 0 } });
        var id = await api.Trigger("fatal-422", new { status = 422, always = true });
        var run = await api.Ended(id);
        Assert.Equal(("failed", 1), ((string)run["status"]!, (int)run["attempt"]!));
        Assert.Contains("422", (string?)run["error"]!["message"], StringComparison.Ordinal);
        var letter = Assert.Single(await Letters("fatal-422"));
        Assert.Equal((id, "fatal-422", 1), ((string)letter["run_id"]!, (string)letter["job_id"]!, (int)letter["attempts"]!));
    }

    [Fact]
    public async Task A_handler_that_keeps_failing_is_buried_after_its_last_attempt()
    {
        await api.Job("exhausted", new { handler = "moody", retry = new { maxAttempts = 3, initialDelayMs = 0 } });
        var run = await api.Ended(await api.Trigger("exhausted", new { status = 500, always = true }));
        Assert.Equal(("failed", 3, 3), ((string)run["status"]!, (int)run["attempt"]!, run["attempts"]!.AsArray().Count));
        Assert.Single(await Letters("exhausted"));
    }

    [Fact]
    public async Task A_dead_letter_is_retried_once_or_discarded()
    {
        await api.Job("letters", new { handler = "fragile" });
        var pass = shared.Sign();
        var failed = new List<string>();
        for (var i = 0; i < 3; i++)
            failed.Add(await api.Trigger("letters", new { sign = shared.Sign(), pass }));
        foreach (var id in failed)
            Assert.Equal("not_yet", (string?)(await api.Ended(id))["error"]!["code"]);
        await File.WriteAllTextAsync(pass, "");

        var letters = await Letters("letters");
        Assert.Equal(failed.Order(), letters.Select(letter => (string)letter["run_id"]!).Order());
        var (one, two, three) = ((string)letters[0]["id"]!, (string)letters[1]["id"]!, (string)letters[2]["id"]!);

        var retried = (await api.Post($"/jobs/v1/_admin/jobs/letters/dlq/{one}/retry")).Is(HttpStatusCode.Accepted).Json;
        Assert.Equal((string)letters[0]["run_id"]!, (string?)retried["retry_of"]);
        Assert.Equal("completed", (string?)(await api.Ended((string)retried["id"]!))["status"]);
        var again = (await api.Post($"/jobs/v1/_admin/jobs/letters/dlq/{one}/retry")).Is(HttpStatusCode.Accepted).Json;
        Assert.Equal((string)retried["id"]!, (string)again["id"]!);

        var bulk = (await api.Post("/jobs/v1/_admin/jobs/letters/dlq/retry", JsonSerializer.Serialize(new { ids = new[] { one, two } }))).Is(HttpStatusCode.Accepted).Json.AsArray();
        Assert.Equal((string)letters[1]["run_id"]!, (string?)Assert.Single(bulk)!["retry_of"]);

        (await api.Send(HttpMethod.Delete, $"/jobs/v1/_admin/jobs/letters/dlq/{three}", null)).Is(HttpStatusCode.NoContent);
        (await api.Post($"/jobs/v1/_admin/jobs/letters/dlq/{three}/retry")).Refused(HttpStatusCode.NotFound, "dead_letter_not_found");
        Assert.Equal(2, (await Letters("letters")).Count);
    }

    [Theory]
    [InlineData("failed_step", "one two three three")]
    [InlineData("start", "one two three one two three")]
    public async Task A_retry_goes_on_at_the_failed_step_or_begins_anew(string from, string ran)
    {
        var job = $"retry-from-{from.Replace('_', '-')}";
        await api.Job(job, new { handler = "fragile" });
        var (sign, pass) = (shared.Sign(), shared.Sign());
        var failed = await api.Trigger(job, new { sign, pass });
        var run = await api.Ended(failed);
        Assert.Equal(("failed", "three"), ((string)run["status"]!, (string)run["error"]!["step"]!));
        await File.WriteAllTextAsync(pass, "");

        var again = (await api.Post($"/jobs/v1/_admin/jobs/{job}/runs/{failed}/retry", JsonSerializer.Serialize(new { from }))).Is(HttpStatusCode.Accepted).Json;
        Assert.Equal(failed, (string?)again["retry_of"]);
        run = await api.Ended((string)again["id"]!);
        Assert.Equal("completed", (string?)run["status"]);
        Assert.Equal(3, (int)run["result"]!["three"]!);
        Assert.Equal(ran.Split(' '), await File.ReadAllLinesAsync(sign));
        Assert.Equal("failed", (string?)(await api.Run(failed))["status"]);
    }

    Task<IReadOnlyList<JsonNode>> Letters(string job) => api.All($"/jobs/v1/_admin/jobs/{job}/dlq");
}
