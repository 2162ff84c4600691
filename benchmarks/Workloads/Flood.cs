using ReactorJobs.Bench.Measuring;
using ReactorJobs.Bench.Suite;

namespace ReactorJobs.Bench.Workloads;

/// <summary>One org triggers 20,000 runs at once; another one single run after the other. How long do those wait for slots that both orgs share?</summary>
static class Flood
{
    const int DefaultRuns = 20_000;
    const int PerSecond = 10;
    const string Flooding = "flooding";
    const string Single = "single";
    const string Token = "rjs_of-the-quiet-org";

    public static async Task Run(Stage stage)
    {
        await stage.WarmUp();
        await using var endpoint = Worker.StartEndpoint(stage.Suite);
        var url = $"http://127.0.0.1:{await endpoint.Listen()}/";
        await stage.Database.Execute(
            $"""
            with o as (insert into ingress.org (id, name, created_at) values ('quiet', 'quiet', now()) returning id)
            insert into ingress.service_token (hash, id, org_id, name, created_at) select sha256('{Token}'), gen_random_uuid(), id, 'bench', now() from o
            """, stage.Stop);
        using var quiet = new Api(stage.Suite, Token);
        await stage.Api.Define(Flooding, url, null, stage.Stop);
        await quiet.Define(Single, url, null, stage.Stop);

        var runs = stage.Options.Runs ?? DefaultRuns;
        for (var i = 0; i < stage.Options.Repeat; i++)
        {
            stage.Report.Say($"flood: {runs} runs of one org at once, {PerSecond} a second of another");
            var ended = await endpoint.Expect(runs);
            var meter = stage.Measure();
            var flood = Task.WhenAll(stage.Api.Start(Flooding, runs, stage.Stop), ended);
            var singles = new List<Task>();
            while (!flood.IsCompleted)
            {
                singles.Add(quiet.Trigger(Single, Caller.Monotonic(), stage.Stop));
                await Task.Delay(TimeSpan.FromSeconds(1.0 / PerSecond), stage.Time, stage.Stop);
            }

            await flood;
            await Task.WhenAll(singles);
            await stage.Database.NothingDue(stage.Stop);
            var usage = meter.Stop();
            var waits = await endpoint.Notes();
            stage.Report.Add(new("flood", runs + waits.Length, usage, Percentiles.Of(waits))
            {
                RunsPerSecond = (runs + waits.Length) / usage.Seconds,
                Extra = new Dictionary<string, double> { ["singles"] = waits.Length, ["max_ms"] = waits.Max() },
            });
        }
    }
}
