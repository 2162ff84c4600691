using System.Globalization;
using System.Net;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// A job that schedules its next one by its result goes on over any death of its host: a link and the next one are one commit, so that none is
/// lost and none comes twice.
/// </summary>
public sealed class When_a_chain_of_jobs_outlives_its_host(ITestOutputHelper output) : IAsyncLifetime
{
    const int Links = 50;
    const int Kills = 5;

    SuiteProcess suite = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite = await SuiteProcess.StartNew();
        api = new(suite.Url, suite.Token);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task It_has_every_link_once_and_ends_when_the_pending_one_is_cancelled()
    {
        await using var worker = WorkerProcess.Start(suite, "chain.mjs");
        (await api.Send(HttpMethod.Put, "/resources/job-definitions/chain", """{"componentId": "chain"}""")).Is(HttpStatusCode.Created);
        (await api.Post("/resources/jobs", $$"""{"jobDefinitionId": "chain", "parameters": {"link": 1, "of": {{Links}} } }""")).Is(HttpStatusCode.Created);

        for (var kill = 1; kill <= Kills; kill++)
        {
            var until = kill * Links / (Kills + 1);
            await Until.True($"there are {until} links", async () => await Count() >= until);
            await suite.Kill();
            suite.Launch();
            await suite.Serves();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"killed at {until} links or more, and back"));
        }

        // The last one asks for the next in an hour, and waits.
        await Until.True("the last link has ended", async () => (await api.Get("/resources/jobs?jobDefinitionId=chain&status=pending")).Json.AsArray() is [{ } next] &&
            (string)next["runAt"]! is var at && DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) > TimeProvider.System.GetUtcNow().AddMinutes(50));
        var jobs = await api.All("/resources/jobs?jobDefinitionId=chain&status=completed");
        var links = new List<int>();
        foreach (var job in jobs)
            links.Add((int)(await api.Get($"/resources/jobs/{job["jobId"]}")).Is(HttpStatusCode.OK).Json["parameters"]!["link"]!);
        // Newest first is the last link first.
        Assert.Equal(Enumerable.Range(1, Links).Reverse(), links);

        var pending = (await api.Get("/resources/jobs?jobDefinitionId=chain&status=pending")).Json[0]!["jobId"];
        (await api.Send(HttpMethod.Delete, $"/resources/jobs/{pending}", null)).Is(HttpStatusCode.NoContent);
        Assert.Equal(Links + 1, (await api.All("/resources/jobs?jobDefinitionId=chain")).Count);
        Assert.Empty((await api.Get("/resources/jobs?jobDefinitionId=chain&status=pending,running,retrying,sleeping")).Json.AsArray());
    }

    async Task<int> Count() => await api.Persist(HttpMethod.Get, "/resources/jobs?jobDefinitionId=chain&limit=500") is var answer ? answer.Json.AsArray().Count : 0;
}
