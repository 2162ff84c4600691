using System.Net;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class An_idempotency_key_names_one_run(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task The_same_request_again_gives_the_same_run()
    {
        await api.Job("once", new { handler = "echo" });
        var first = await Trigger("once", "key", 1);
        var second = await Trigger("once", "key", 1);
        Assert.Equal((string)first.Json["id"]!, (string)second.Json["id"]!);
        await api.Ended((string)first.Json["id"]!);
        Assert.Equal((string)first.Json["id"]!, (string)(await Trigger("once", "key", 1)).Json["id"]!);
        Assert.Single(await api.All("/jobs/v1/runs?job_id=once"));
    }

    [Fact]
    public async Task Many_at_the_same_time_are_one_run()
    {
        await api.Job("at-once", new { handler = "echo" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Trigger("at-once", "key", 1)));
        Assert.Single(answers.Select(answer => (string)answer.Is(HttpStatusCode.Accepted).Json["id"]!).Distinct());
        Assert.Single(await api.All("/jobs/v1/runs?job_id=at-once"));
    }

    [Fact]
    public async Task Another_payload_under_the_key_is_refused_and_another_job_is_not()
    {
        await api.Job("keyed", new { handler = "echo" });
        await api.Job("keyed-too", new { handler = "echo" });
        (await Trigger("keyed", "key", 1)).Is(HttpStatusCode.Accepted);
        (await Trigger("keyed", "key", 2)).Refused(HttpStatusCode.Conflict, "idempotency_conflict");
        (await Trigger("keyed-too", "key", 2)).Is(HttpStatusCode.Accepted);
        Assert.Single(await api.All("/jobs/v1/runs?job_id=keyed"));
    }

    Task<Answer> Trigger(string job, string key, int payload) => api.Post($"/jobs/v1/{job}/trigger", $$"""{"payload": {{payload}}}""", key);
}
