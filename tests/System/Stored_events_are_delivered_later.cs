using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Events that are stored already start runs: of a job that comes later and asks for them, and of whoever listens when somebody replays one.</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class Stored_events_are_delivered_later(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task To_a_trigger_that_says_since_when_and_not_again_when_it_is_applied_again()
    {
        for (var i = 1; i <= 3; i++)
            await Emit("parcel.sent", i);
        const string manifest = """{"jobs": [{"id": "late", "handler": "echo", "triggers": [{"kind": "event", "topic": "parcel.sent", "since": "1h"}]}]}""";

        (await api.Post("/jobs/v1/jobs", manifest)).Is(HttpStatusCode.OK);
        var runs = await Until.Some("three runs have completed", async () =>
            await api.All("/jobs/v1/runs?job_id=late&status=completed") is { Count: 3 } found ? found : null);
        Assert.Equal(["late"], (await api.Post("/jobs/v1/jobs", manifest)).Is(HttpStatusCode.OK).Json["unchanged"]!.AsArray().Select(x => (string)x!));
        await Emit("parcel.sent", 4);

        await Until.True("the fourth has completed", async () => (await api.All("/jobs/v1/runs?job_id=late&status=completed")).Count == 4);
        Assert.Equal(4, (await api.All("/jobs/v1/runs?job_id=late")).Count);
        Assert.All(runs, run => Assert.Equal("event", (string?)run["trigger"]!["kind"]));
    }

    [Fact]
    public async Task To_all_that_listen_when_it_is_replayed()
    {
        await api.Job("replayed", new { handler = "echo", triggers = new[] { new { kind = "event", topic = "parcel.lost" } } });
        var id = await Emit("parcel.lost", 7);

        var replay = (await api.Post($"/jobs/v1/_admin/events/{id}/replay", null, "once")).Is(HttpStatusCode.Accepted).Json.AsArray();
        var again = (await api.Post($"/jobs/v1/_admin/events/{id}/replay", null, "once")).Is(HttpStatusCode.Accepted).Json.AsArray();

        Assert.True(JsonNode.DeepEquals(replay, again));
        var started = (string)Assert.Single(replay)!["run_id"]!;
        var run = await Until.Some("the replay's run is there", async () => (await api.Get($"/jobs/v1/runs/{started}")) is { Status: HttpStatusCode.OK } found ? found.Json : null);
        Assert.Equal((string?)replay[0]!["replay_id"], (string?)run["trigger"]!["detail"]?["replay_id"]);
        Assert.Equal("7", (await api.Ended(started))["result"]!.ToJsonString());
        await Until.True("both runs are there", async () => (await api.All("/jobs/v1/runs?job_id=replayed")).Count == 2);
    }

    async Task<string> Emit(string topic, int payload) =>
        (string)(await api.Post("/jobs/v1/_admin/events", $$"""{"topic": "{{topic}}", "payload": {{payload}}}""")).Is(HttpStatusCode.Accepted).Json["id"]!;
}
