using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_run_can_be_cancelled(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task While_it_waits_for_its_worker()
    {
        await api.Job("cancel-pending", new { handler = "nobody" });
        var id = await api.Trigger("cancel-pending");
        Assert.Equal("cancelled", (string?)(await Cancel("cancel-pending", id)).Is(HttpStatusCode.OK).Json["status"]);
        Assert.Equal("cancelled", (string?)(await api.Ended(id))["status"]);
    }

    [Fact]
    public async Task While_it_sleeps()
    {
        await api.Job("cancel-sleeping", new { handler = "nap" });
        var id = await api.Trigger("cancel-sleeping", new { duration = "1h" });
        await api.Is(id, "sleeping");
        (await Cancel("cancel-sleeping", id)).Is(HttpStatusCode.OK);
        var run = await api.Ended(id);
        Assert.Equal(("cancelled", "before"), ((string)run["status"]!, (string)run["steps"]![0]!["name"]!));
    }

    [Fact]
    public async Task While_it_runs_and_its_handler_is_told()
    {
        await api.Job("cancel-running", new { handler = "stubborn" });
        var sign = shared.Sign();
        var id = await api.Trigger("cancel-running", new { sign });
        // Running for the scheduler is on its way for the executor; the attempt is there once it is shown.
        await Until.True("the attempt has begun", async () => (await api.Run(id))["attempts"]!.AsArray().Count > 0);
        (await Cancel("cancel-running", id)).Is(HttpStatusCode.OK);
        await Until.True("the handler was told", () => Task.FromResult(File.Exists(sign) && new FileInfo(sign).Length > 0));
        Assert.Equal("cancelled", await File.ReadAllTextAsync(sign));
        Assert.Equal("cancelled", (string?)(await api.Ended(id))["status"]);
    }

    [Fact]
    public async Task But_not_after_its_end()
    {
        await api.Job("cancel-finished", new { handler = "echo" });
        var id = await api.Trigger("cancel-finished");
        await api.Ended(id);
        (await Cancel("cancel-finished", id)).Refused(HttpStatusCode.Conflict, "run_finished");
        Assert.Equal("completed", (string?)(await api.Run(id))["status"]);
    }

    [Fact]
    public async Task Before_its_start_has_come()
    {
        await api.Job("cancel-early", new { handler = "echo" });
        var id = new RunId(Ulid.Create(TimeProvider.System.GetUtcNow(), RandomNumberGenerator.GetBytes(10))).ToString();
        Assert.Equal("cancelled", (string?)(await Cancel("cancel-early", id)).Is(HttpStatusCode.OK).Json["status"]);
        Assert.Equal(("cancelled", "cancel-early"), ((string?)(await api.Run(id))["status"], (string?)(await api.Run(id))["job_id"]));

        (await Cancel("no-such-job", id)).Refused(HttpStatusCode.NotFound, "run_not_found");
        var old = new RunId(Ulid.Create(TimeProvider.System.GetUtcNow().AddDays(-1), RandomNumberGenerator.GetBytes(10))).ToString();
        (await Cancel("cancel-early", old)).Refused(HttpStatusCode.NotFound, "run_not_found");
    }

    [Fact]
    public async Task With_all_that_a_filter_means()
    {
        await api.Job("cancel-many", new { handler = "nobody" });
        var north = new[] { await api.Trigger("cancel-many", new { region = "north", n = 1 }), await api.Trigger("cancel-many", new { region = "north", n = 2 }) };
        var south = await api.Trigger("cancel-many", new { region = "south" });

        var answer = (await api.Post("/jobs/v1/runs/cancel", """{"job_id": "cancel-many", "status": "pending", "data": {"region": "north"}}""")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(2, (int)answer["count"]!);
        Assert.Equal(north.Order(), answer["ids"]!.AsArray().Select(id => (string)id!).Order());
        Assert.Equal("pending", (string?)(await api.Run(south))["status"]);

        answer = (await api.Post("/jobs/v1/runs/cancel", JsonSerializer.Serialize(new { ids = new[] { south, north[0] } }))).Is(HttpStatusCode.OK).Json;
        Assert.Equal(south, (string?)Assert.Single(answer["ids"]!.AsArray()));
        Assert.Equal("cancelled", (string?)(await api.Run(south))["status"]);
        Assert.Equal("invalid_request", (await api.Post("/jobs/v1/runs/cancel", "{}")).Is(HttpStatusCode.BadRequest).Code);
    }

    Task<Answer> Cancel(string job, string id) => api.Post($"/jobs/v1/_admin/jobs/{job}/runs/{id}/cancel");
}
