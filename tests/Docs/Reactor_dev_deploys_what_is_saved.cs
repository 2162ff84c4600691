using Xunit.Abstractions;

namespace ReactorJobs.Tests.Docs;

/// <summary>A person saves files while <c>./reactor dev</c> runs in the folder, and looks at its screen.</summary>
[Collection(OneAtATime.Name)]
public sealed class Reactor_dev_deploys_what_is_saved(ITestOutputHelper output)
{
    static string Answering(string text) => $"export default function handler(): Response {{\n  return Response.json(\"{text}\");\n}}\n";

    static string Manifest(string handler) => $$"""
        {
          "jobs": [
            { "id": "nightly", "handler": "{{handler}}" },
            { "id": "greeting", "handler": "welcome" },
            { "id": "hook", "handler": "https://example.com/hook" }
          ]
        }

        """;

    [Fact]
    public async Task From_the_first_start_to_the_second()
    {
        using var checkout = new Checkout();
        await checkout.AddExample();
        checkout.Save("functions/report/index.ts", Answering("one"));
        checkout.Save("functions/letter/index.ts", "export default function handler( {\n");
        checkout.Save("functions/_shared/lib.ts", "export const shared = 1;\n");
        checkout.Save("jobs/manifest.json", Manifest("report"));
        await using (var dev = await DevSession.Start(checkout))
        {
            Assert.Matches(@"(?m)^  report: version 1 is live after \S+$", dev.Screen);
            Assert.Matches(@"(?m)^error: letter is not deployed \(invalid_bundle\)\n  functions/letter/index\.ts:1:\d+: ", dev.Screen);
            Assert.Matches(@"(?m)^  job nightly: created$", dev.Screen);
            Assert.DoesNotContain("job welcome", dev.Screen, StringComparison.Ordinal);
            Assert.Equal("\"one\"", await Invoke(checkout, "report"));

            checkout.Save("functions/report/index.ts", Answering("two"));
            var saved = await dev.Says(@"^  report: version 2 is live after (\S+)$");
            output.WriteLine($"A saved change was live after {saved.Groups[1]} (goal: 2s).");
            Assert.Equal("\"two\"", await Invoke(checkout, "report"));

            checkout.Save("functions/report/index.ts", "export default function handler(): Response { return\n");
            await dev.Says(@"^error: report is not deployed");
            await dev.Says(@"^  functions/report/index\.ts:\d+:\d+: ");
            await dev.Says(@"^  report: version 2 stays live$");
            Assert.Equal("\"two\"", await Invoke(checkout, "report"));
            checkout.Save("functions/report/index.ts", Answering("three"));
            await dev.Says(@"^  report: version 3 is live");
            checkout.Save("functions/letter/code/index.ts", Answering("dear"));
            File.Delete(Path.Combine(checkout.Folder, "functions/letter/index.ts"));
            await dev.Says(@"^  letter: version 1 is live");
            Assert.Equal("\"dear\"", await Invoke(checkout, "letter"));

            checkout.Save("jobs/manifest.json", Manifest("raport"));
            await dev.Says(@"^  job nightly: updated$");
            await dev.Says(@"^error: jobs/manifest\.json:3:\d+: the job nightly has no target: raport is no function, and no worker serves it; did you mean report\?$");
            checkout.Save("jobs/manifest.json", Manifest("report"));
            await dev.Says(@"^  job nightly: its target report is there now$");
            await checkout.Bash("./reactor jobs trigger nightly --wait 30s");
            Assert.Single(dev.Said, x => x.StartsWith("error: jobs/manifest.json:4:", StringComparison.Ordinal) && x.Contains("the job greeting has no target", StringComparison.Ordinal));
            using (var worker = checkout.Start("REACTOR_TOKEN=$(cat .reactor/dev-token) REACTOR_END_WITH_STDIN=1 exec node examples/welcome/dist/worker.js"))
            {
                await dev.Says(@"^  job greeting: its target welcome is there now$");
                worker.StandardInput.Close();
                await worker.WaitForExitAsync();
            }

            Directory.Delete(Path.Combine(checkout.Folder, "functions/letter"), recursive: true);
            await dev.Says(@"^  letter: its folder is gone, and it stays deployed; to delete it: reactor functions delete letter$");
            Assert.Equal(0, await dev.Interrupt());
            Assert.DoesNotContain(dev.Said, x => x.Contains("the job hook", StringComparison.Ordinal));
        }

        checkout.Save("functions/late/index.ts", Answering("late"));
        await using var again = await DevSession.Start(checkout);
        Assert.Matches(@"(?m)^  report: unchanged, version 3 is live$", again.Screen);
        Assert.Matches(@"(?m)^  late: version 1 is live", again.Screen);
        Assert.Equal(0, await again.Interrupt());
    }

    static async Task<string> Invoke(Checkout checkout, string function) => (await checkout.Bash($"./reactor functions invoke {function}")).Trim();
}
