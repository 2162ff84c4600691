using System.Net;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_run_can_be_watched(SharedSuite shared)
{
    readonly Api api = shared.Api;

    [Fact]
    public async Task A_wait_ends_with_its_time_when_the_run_does_not()
    {
        await api.Job("unfinished", new { handler = "gate" });
        var sign = shared.Sign();
        var id = await api.Trigger("unfinished", new { sign });
        Assert.Equal("running", (string?)(await api.Is(id, "running"))["status"]);
        Assert.Null((await api.Get($"/jobs/v1/runs/{id}?wait=50ms")).Is(HttpStatusCode.OK).Json["completed_at"]);
        await File.WriteAllTextAsync(sign, "");
        Assert.Equal("completed", (string?)(await api.Ended(id))["status"]);
    }

    [Fact]
    public async Task Following_a_run_tells_its_changes_until_its_end()
    {
        await api.Job("followed", new { handler = "gate" });
        var sign = shared.Sign();
        var id = await api.Trigger("followed", new { sign });
        var seen = new List<string>();
        await foreach (var run in Events($"/jobs/v1/runs/{id}/follow"))
        {
            seen.Add((string)run["status"]!);
            if (seen[^1] == "running")
                await File.WriteAllTextAsync(sign, "");
        }

        Assert.Equal("completed", seen[^1]);
        Assert.Contains("running", seen);
    }

    [Fact]
    public async Task Logs_are_listed_and_followed()
    {
        await api.Job("talking", new { handler = "order" });
        var id = await api.Trigger("talking", new { orderId = "ord_3" });
        var followed = new List<string>();
        await foreach (var line in Events($"/jobs/v1/_admin/logs?run_id={id}&follow=true"))
        {
            followed.Add($"{line["level"]} {line["step"]} {line["message"]}");
            if (followed.Count == 2)
                break;
        }

        Assert.Equal(["info  order ord_3", "warn charge charging"], followed);
        var listed = new List<JsonNode>();
        await foreach (var line in Events("/jobs/v1/_admin/jobs/talking/logs"))
            listed.Add(line);
        Assert.Equal(2, listed.Count);
        Assert.All(listed, line => Assert.Equal((id, 1), ((string)line["run_id"]!, (int)line["attempt"]!)));
    }

    async IAsyncEnumerable<JsonNode> Events(string path)
    {
        using var response = await api.Stream(path);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync().WaitAsync(Until.Limit) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                yield return JsonNode.Parse(line["data: ".Length..])!;
    }
}
