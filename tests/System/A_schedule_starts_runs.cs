using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>Cron triggers as callers make, watch, pause and fire them.</summary>
[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_schedule_starts_runs(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task In_time_with_its_payload_and_the_ledger_says_so()
    {
        await api.Job("heartbeat", new { handler = "echo" });
        var trigger = await Create("heartbeat", """{"type": "cron", "schedule": "* * * * * *", "seconds": true, "payload": {"beat": 1}}""");
        Assert.Equal(("every second, UTC", "UTC", "last", "1d", "allow", "0ms"), (
            (string?)trigger["description"], (string?)trigger["timezone"], (string?)trigger["misfire"], (string?)trigger["misfire_window"], (string?)trigger["overlap"], (string?)trigger["jitter"]));
        Assert.NotNull((string?)trigger["next_fire_at"]);
        var fires = await Fires("heartbeat", trigger, atLeast: 3);
        Assert.Equal(HttpStatusCode.OK, (await Pause("heartbeat", trigger, true)).Status);

        var run = await api.Ended((string)fires[0]["run_id"]!);
        Assert.Equal(("completed", """{"beat":1}""", "cron", (string?)trigger["id"]), (
            (string?)run["status"], run["payload"]!.ToJsonString(), (string?)run["trigger"]!["kind"], (string?)run["trigger"]!["id"]));
        Assert.Equal((string?)fires[0]["nominal_at"], (string?)run["trigger"]!["detail"]!["nominal_at"]);
        Assert.Equal((string?)fires[0]["nominal_at"], (string?)run["run_at"]);

        // The newest first, in pages, and as far as is asked for.
        var times = fires.Select(x => (string)x["nominal_at"]!).ToArray();
        Assert.Equal(times.OrderDescending(), times);
        var path = $"/jobs/v1/_admin/jobs/heartbeat/triggers/{trigger["id"]}/fires";
        var paged = (await api.All($"{path}?limit=1&from={times[2]}")).Select(x => (string)x["nominal_at"]!).ToArray();
        Assert.Equal(times[..3], paged[^3..]);
        Assert.Equal([times[1]], (await api.All($"{path}?from={times[1]}&until={times[0]}")).Select(x => (string)x["nominal_at"]!));
    }

    [Fact]
    public async Task By_hand_while_it_is_paused()
    {
        await api.Job("yearly", new { handler = "echo" });
        var trigger = await Create("yearly", """{"kind": "cron", "schedule": "@yearly", "payload": "now"}""");
        var paused = (await Pause("yearly", trigger, true)).Is(HttpStatusCode.OK).Json;
        Assert.Equal((true, null), ((bool)paused["paused"]!, (string?)paused["next_fire_at"]));

        var run = (await api.Post($"/jobs/v1/_admin/jobs/yearly/triggers/{trigger["id"]}/fire")).Is(HttpStatusCode.Accepted).Json;
        Assert.Equal("\"now\"", (await api.Ended((string)run["id"]!))["result"]!.ToJsonString());
        var fire = (await Fires("yearly", trigger, atLeast: 1)).Single();
        Assert.Equal(("fired", "fired by hand", (string?)run["id"]), ((string?)fire["outcome"], (string?)fire["reason"], (string?)fire["run_id"]));

        Assert.NotNull((await Pause("yearly", trigger, false)).Is(HttpStatusCode.OK).Json["next_fire_at"]);
        var job = (await api.Get("/jobs/v1/_admin/jobs/yearly")).Json;
        Assert.Equal("@yearly", (string?)job["triggers"]![0]!["schedule"]);
    }

    [Fact]
    public async Task And_what_is_wrong_is_refused_with_its_place()
    {
        await api.Job("refused", new { handler = "echo", triggers = new[] { new { kind = "event", topic = "refused" } } });
        const string triggers = "/jobs/v1/_admin/jobs/refused/triggers";
        var error = (await api.Post(triggers, """{"kind": "cron", "schedule": "0 25 * * *"}""")).Refused(HttpStatusCode.BadRequest, "invalid_request").Json["errors"]![0]!;
        Assert.Equal(("/schedule", "hour \"25\" at position 3: must be from 0 to 23"), ((string?)error["pointer"], (string?)error["detail"]));
        error = (await api.Post("/jobs/v1/jobs", """{"id": "refused", "handler": "echo", "triggers": [{"type": "cron", "schedule": "@daily", "timezone": "Europe/Berlim"}]}"""))
            .Refused(HttpStatusCode.BadRequest, "invalid_manifest").Json["errors"]![0]!;
        Assert.Equal("/triggers/0/timezone", (string?)error["pointer"]);

        var ofEvent = (await api.Get(triggers)).Json[0]!;
        (await api.Post($"{triggers}/{ofEvent["id"]}/fire")).Refused(HttpStatusCode.BadRequest, "invalid_request");
        (await api.Post($"{triggers}/trg_0/fire")).Refused(HttpStatusCode.NotFound, "trigger_not_found");
        (await api.Get($"{triggers}/trg_0/fires")).Refused(HttpStatusCode.NotFound, "trigger_not_found");
        var trigger = await Create("refused", """{"kind": "cron", "schedule": "@daily"}""");
        (await Pause("refused", trigger, null)).Refused(HttpStatusCode.BadRequest, "invalid_request");
        (await api.Get($"{triggers}/{trigger["id"]}/fires?from=yesterday")).Refused(HttpStatusCode.BadRequest, "invalid_request");
        (await api.Get($"{triggers}/{trigger["id"]}/fires?cursor=x")).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    async Task<JsonNode> Create(string job, string body) => (await api.Post($"/jobs/v1/_admin/jobs/{job}/triggers", body)).Is(HttpStatusCode.Created).Json;

    Task<Answer> Pause(string job, JsonNode trigger, bool? paused) =>
        api.Send(HttpMethod.Patch, $"/jobs/v1/_admin/jobs/{job}/triggers/{trigger["id"]}", new JsonObject { ["paused"] = paused }.ToJsonString());

    Task<JsonNode[]> Fires(string job, JsonNode trigger, int atLeast) => Until.Some($"{job} has fired {atLeast} times", async () =>
    {
        var fires = (await api.All($"/jobs/v1/_admin/jobs/{job}/triggers/{trigger["id"]}/fires")).ToArray();
        return fires.Count(x => x["run_id"] is not null) >= atLeast && fires[0]["run_id"] is not null ? fires : null;
    });
}
