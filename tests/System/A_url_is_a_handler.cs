using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_url_is_a_handler(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task With_steps_and_a_sleep()
    {
        await using var endpoint = WorkerProcess.Start(shared.Suite, "endpoint.mjs");
        var port = await Until.Some("the endpoint listens", () => Task.FromResult(endpoint.Child.Output is var said && said.EndsWith('\n') ? said.Trim() : null));
        await api.Job("by-url", new { handler = $"http://127.0.0.1:{port}/" });
        var sign = shared.Sign();
        var run = await api.Ended(await api.Trigger("by-url", new { sign }));
        Assert.Equal("completed", (string?)run["status"]);
        Assert.Equal(2, (int)run["result"]!["two"]!);
        Assert.Equal(["suspended", "completed"], run["attempts"]!.AsArray().Select(attempt => (string)attempt!["outcome"]!));
        Assert.Equal(["one", "two"], await File.ReadAllLinesAsync(sign));
    }

    [Fact]
    public async Task And_is_tried_again_when_nobody_is_there()
    {
        await api.Job("by-dead-url", new { handler = $"http://127.0.0.1:{SuiteProcess.FreePort()}/", retry = new { maxAttempts = 2, initialDelayMs = 0 } });
        var run = await api.Ended(await api.Trigger("by-dead-url"));
        Assert.Equal(("failed", 2), ((string)run["status"]!, (int)run["attempt"]!));
        Assert.NotEmpty((string)run["error"]!["message"]!);
    }
}
