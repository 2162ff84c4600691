using System.Net;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>A function that schedules itself goes on where a kill has cut it off: no link is missing, and none is there twice.</summary>
public sealed class When_a_chain_of_schedules_is_killed : IAsyncLifetime
{
    const int Links = 8;

    SuiteProcess suite = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite = await SuiteProcess.StartNew();
        api = new(suite.Url, suite.Token);
    }

    public async Task DisposeAsync()
    {
        api?.Dispose();
        if (suite is not null)
            await suite.DisposeAsync();
    }

    [Fact]
    public async Task It_goes_on_to_its_end_without_a_second_of_any_link()
    {
        var functions = new Functions(api);
        await functions.Create("tick");
        await functions.Deploy("tick", ("index.ts", $$"""
            import type { JobContext } from '@reactor/jobs-sdk';
            export default async function tick(request: Request, ctx: JobContext) {
              const n = await request.json() as number;
              // Odd ones with their step, even ones by themselves.
              if (n % 2 === 1) await ctx.step('next', () => ctx.scheduler.runAfter(100, 'tick', n + 1));
              else if (n < {{Links}}) await ctx.scheduler.runAfter(100, 'tick', n + 1);
              return n;
            }
            """), ("function.json", """{"job": {}}"""));
        await functions.Promote("tick");
        await api.Trigger("tick", 1);

        await Until.True("the chain is on its way", async () => await Count("") >= Links / 2);
        await suite.Kill();
        suite.Launch();
        await suite.Serves();
        await Until.True("the chain is at its end", async () => await Count("&status=completed") >= Links);
        Assert.Equal(Enumerable.Range(1, Links), (await Payloads()).Order());
        Assert.Empty(await api.All("/jobs/v1/_scheduled_functions"));
    }

    async Task<int> Count(string filter) =>
        (await api.Persist(HttpMethod.Get, $"/jobs/v1/runs?job_id=tick&limit=500{filter}")).Is(HttpStatusCode.OK).Json.AsArray().Count;

    async Task<IReadOnlyList<int>> Payloads()
    {
        var payloads = new List<int>();
        foreach (var run in (await api.Persist(HttpMethod.Get, "/jobs/v1/runs?job_id=tick&limit=500")).Is(HttpStatusCode.OK).Json.AsArray())
            payloads.Add((int)(await api.Persist(HttpMethod.Get, $"/jobs/v1/runs/{run!["id"]}")).Is(HttpStatusCode.OK).Json["payload"]!);
        return payloads;
    }
}
