using System.Net;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class Load_is_limited(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task Over_the_jobs_limit_a_trigger_is_refused_until_a_run_ends()
    {
        await api.Job("two-at-once", new { handler = "gate", max_concurrency = 2 });
        var sign = shared.Sign();
        var payload = $$$"""{"payload": {"sign": "{{{sign}}}"}}""";
        var first = (string)(await api.Post("/jobs/v1/two-at-once/trigger", payload)).Is(HttpStatusCode.Accepted).Json["id"]!;
        (await api.Post("/jobs/v1/two-at-once/trigger", payload)).Is(HttpStatusCode.Accepted);
        var refused = (await api.Post("/jobs/v1/two-at-once/trigger", payload)).Refused(HttpStatusCode.TooManyRequests, "concurrency_exceeded");
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        await File.WriteAllTextAsync(sign, "");
        await api.Ended(first);
        (await api.Post("/jobs/v1/two-at-once/trigger", payload)).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_run_without_a_worker_says_so()
    {
        await api.Job("unserved", new { handler = "nobody" });
        var run = await api.Run(await api.Trigger("unserved"));
        Assert.Equal(("pending", "No worker serves \"nobody\"."), ((string)run["status"]!, (string)run["reason"]!));
    }

    [Fact]
    public async Task A_batch_is_accepted_as_a_whole_or_not_at_all()
    {
        await api.Job("batched", new { handler = "echo", max_concurrency = 5 });
        (await api.Post("/jobs/v1/batched/trigger/batch", "[" + string.Join(',', Enumerable.Repeat("""{"payload": 1}""", 6)) + "]")).Refused(HttpStatusCode.TooManyRequests, "concurrency_exceeded");
        var wrong = (await api.Post("/jobs/v1/batched/trigger/batch", """[{"payload": 1}, {"payload": 2, "priority": "urgent"}]""")).Refused(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal("/1/priority", (string?)wrong.Json["errors"]![0]!["pointer"]);
        Assert.Empty(await api.All("/jobs/v1/runs?job_id=batched"));

        var runs = (await api.Post("/jobs/v1/batched/trigger/batch", """[{"payload": 1}, {"payload": 2}, {"payload": 3}]""")).Is(HttpStatusCode.Accepted).Json.AsArray();
        var results = new List<int>();
        foreach (var run in runs)
            results.Add((int)(await api.Ended((string)run!["id"]!))["result"]!);
        Assert.Equal([1, 2, 3], results);
    }
}
