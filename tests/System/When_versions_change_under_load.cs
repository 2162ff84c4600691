using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// Fifty runs a second go on while versions are deployed, promoted and rolled back: none fails for it, and each keeps the version that it
/// began with, through its sleep and its automatic retry (semantics 11).
/// </summary>
public sealed class When_versions_change_under_load(ITestOutputHelper output) : IAsyncLifetime
{
    const int PerSecond = 50;
    const int Runs = PerSecond * 15;
    const string Name = "release";
    static readonly TimeSpan BetweenChanges = TimeSpan.FromMilliseconds(700);

    // A bundle as projects have them: a megabyte of sources in many modules.
    const int Modules = 120;
    const int ModuleLines = 100;

    readonly List<(int Version, DateTimeOffset From, DateTimeOffset Until)> live = [];
    SuiteProcess suite = null!;
    Functions functions = null!;
    Api api = null!;

    public async Task InitializeAsync()
    {
        suite = await SuiteProcess.StartNew();
        api = new(suite.Url, suite.Token);
        functions = new(api);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task No_run_fails_and_each_keeps_the_version_it_began_with()
    {
        await functions.Create(Name);
        await Deploy(1);
        await GoLive(1);
        await api.Job(Name, new { max_concurrency = 100_000, retry = new { max_attempts = 3, initial_delay_ms = 500 } });

        using var loaded = new CancellationTokenSource();
        var changes = Task.Run(() => ChangeVersions(loaded.Token));
        var triggered = await Trigger();
        await loaded.CancelAsync();
        var newest = await changes;
        Close();

        var (slept, retried, seen) = (0, 0, new HashSet<int>());
        foreach (var (id, at, number) in triggered)
        {
            var run = await api.Ended(id);
            Assert.True((string?)run["status"] == "completed", $"{run}");
            var versions = run["result"]!["versions"]!.AsArray().Select(version => (int)version!).ToArray();
            var version = Assert.Single(versions.Distinct());
            var steps = run["steps"]!.AsArray().Where(step => (string?)step!["kind"] == "step").ToDictionary(step => (string)step!["name"]!, step => Time(step!, "started_at"));
            Assert.True(
                live.Any(x => x.Version == version && x.From <= steps["first"] && x.Until >= at),
                $"{id} began with version {version}, which was not live between {at:HH:mm:ss.fff} and {steps["first"]:HH:mm:ss.fff}:\n{string.Join('\n', live)}");

            seen.Add(version);
            slept += live.Any(x => x.Version != version && x.From > steps["first"] && x.From < steps["second"]) ? 1 : 0;
            Assert.Equal(number % 10 == 0 ? 2 : 1, (int)run["attempt"]!);
            retried += number % 10 == 0 && live.Any(x => x.Version != version && x.From > steps["first"] && x.From < steps["third"]) ? 1 : 0;
        }

        output.WriteLine($"{Runs} runs, {newest} versions deployed, {live.Count} times live; {seen.Count} versions ran; {slept} runs slept and {retried} were retried while another went live");
        Assert.True(newest >= 5 && seen.Count >= 5, $"Only {newest} versions were deployed, and {seen.Count} ran.");
        Assert.True(slept >= Runs / 4, $"Only {slept} runs slept while another version went live.");
        Assert.True(retried >= Runs / 50, $"Only {retried} runs were retried while another version went live.");
    }

    static DateTimeOffset Time(JsonNode node, string field) => DateTimeOffset.Parse((string)node[field]!, CultureInfo.InvariantCulture);

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>An open loop: a call is due when it is due, whether those before are answered or not.</summary>
    async Task<IReadOnlyList<(string Id, DateTimeOffset At, int Number)>> Trigger()
    {
        var triggered = new ConcurrentBag<(string, DateTimeOffset, int)>();
        var calls = new List<Task>();
        var began = TimeProvider.System.GetTimestamp();
        for (var number = 1; number <= Runs; number++)
        {
            var early = TimeSpan.FromSeconds((double)number / PerSecond) - TimeProvider.System.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
                await Task.Delay(early, TimeProvider.System);
            calls.Add(One(number));
        }

        await Task.WhenAll(calls);
        output.WriteLine($"{Runs / TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} runs/s");
        return [.. triggered];

        async Task One(int number)
        {
            var at = Now;
            triggered.Add((await api.Trigger(Name, new { number }), Whole(at), number));
        }
    }

    // Times come back in whole milliseconds.
    static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    /// <summary>By turns a new version goes live, and one that was live before; gives the newest.</summary>
    async Task<int> ChangeVersions(CancellationToken loaded)
    {
        using var pace = new PeriodicTimer(BetweenChanges, TimeProvider.System);
        var newest = 1;
        try
        {
            for (var change = 0; await pace.WaitForNextTickAsync(loaded); change++)
                if (change % 2 == 0)
                {
                    await Deploy(++newest);
                    await GoLive(newest);
                }
                else
                    await GoLive(1 + change * 7 % (newest - 1));
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }

        return newest;
    }

    /// <summary>From the promotion's call, which may count at any moment until its answer; the one before ends with it.</summary>
    async Task GoLive(int version)
    {
        var from = Now;
        await functions.Promote(Name, version);
        Close();
        live.Add((version, Whole(from), DateTimeOffset.MaxValue));
    }

    void Close()
    {
        if (live.Count > 0)
            live[^1] = live[^1] with { Until = Now };
    }

    async Task Deploy(int number)
    {
        var files = Enumerable.Range(0, Modules).Select(module => ($"lib/module{module}.ts", Module(module, number)));
        Assert.Equal(number, await functions.Deploy(Name, [("index.ts", Handler(number)), ("lib/index.ts", Barrel()), .. files]));
    }

    static string Handler(int version) => $$"""
        import { table } from './lib';
        const version: number = {{version}};
        export default async function handler(request: Request, ctx: any): Promise<Response> {
          const { number } = await request.json() as { number: number };
          const versions = [await ctx.step('first', async () => version)];
          await ctx.sleep('nap', '800ms');
          versions.push(await ctx.step('second', async () => version));
          if (number % 10 === 0 && ctx.run.attempt === 1) throw new Error('the first attempt of every tenth run fails');
          versions.push(await ctx.step('third', async () => version), table() === {{Modules * ModuleLines}} ? version : -1);
          return Response.json({ versions });
        }
        """;

    static string Barrel()
    {
        var text = new StringBuilder();
        for (var module = 0; module < Modules; module++)
            text.Append(CultureInfo.InvariantCulture, $"import {{ rows as rows{module} }} from './module{module}';\n");
        return text.Append(CultureInfo.InvariantCulture, $"export const table = () => {string.Join(" + ", Enumerable.Range(0, Modules).Select(module => $"rows{module}.length"))};\n").ToString();
    }

    static string Module(int module, int version)
    {
        var text = new StringBuilder("export const rows: { key: string; text: string; weight: number }[] = [\n");
        for (var line = 0; line < ModuleLines; line++)
            text.Append(CultureInfo.InvariantCulture, $"  {{ key: 'row-{version}-{module}-{line}', text: 'a line of what this release knows of {module * line}', weight: {line} }},\n");
        return text.Append("];\n").ToString();
    }
}
