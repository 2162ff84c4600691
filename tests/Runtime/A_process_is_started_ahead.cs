using System.Text.Json;
using ReactorJobs.Executor.Runtime;

namespace ReactorJobs.Tests.Runtime;

/// <summary>Of each runtime that was needed there is one process ahead, without a function: the next cold start has only to give it one.</summary>
public sealed class A_process_is_started_ahead : IAsyncLifetime
{
    const string Tell =
        """
        import { readFileSync, readdirSync } from 'node:fs';
        export default async (req, ctx) => ({
          born: performance.timeOrigin, key: process.env.KEY ?? null, folder: process.cwd(), files: readdirSync('.').sort(), more: readFileSync('more/deep.txt', 'utf8'),
        });
        """;

    FunctionBench bench = null!;

    public async Task InitializeAsync() => bench = await FunctionBench.Open();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    sealed record Told(double Born, string? Key, string Folder, string[] Files, string More);

    RunnableVersion Function(string runtime, string name, bool network = true)
    {
        var function = bench.Function(Tell, runtime, network, name, new Dictionary<string, string> { ["KEY"] = name });
        var more = Directory.CreateDirectory(Path.Combine(function.Folder, "more")).FullName;
        File.WriteAllText(Path.Combine(more, "deep.txt"), name);
        return function;
    }

    async Task<Told> Run(RunnableVersion function) => JsonSerializer.Deserialize<Told>(await bench.Result(function), JsonSerializerOptions.Web)!;

    static double Now => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task It_becomes_one_functions_and_no_others(string runtime)
    {
        var first = await Run(Function(runtime, "first"));
        await bench.Ahead(runtime);
        var asked = Now;
        var second = await Run(Function(runtime, "second"));
        Assert.True(second.Born < asked, "The process was started when the run had come.");
        Assert.Equal(("second", "/srv/function", "second"), (second.Key, second.Folder, second.More));
        Assert.Equal(["index.js", "more", "package.json"], second.Files);

        var third = await Run(Function(runtime, "third"));
        Assert.Equal("third", third.Key);
        Assert.Equal(3, new[] { first.Born, second.Born, third.Born }.Distinct().Count());
    }

    [Fact]
    public async Task It_is_not_for_a_function_without_a_network()
    {
        await Run(Function("bun", "first"));
        await bench.Ahead("bun");
        var asked = Now;
        Assert.True((await Run(Function("bun", "second", network: false))).Born > asked);
    }

    [Fact]
    public async Task One_that_has_died_is_not_missed()
    {
        await Run(Function("bun", "first"));
        var process = await bench.Ahead("bun");
        process.Kill();
        await process.Exited;
        Assert.Equal("second", (await Run(Function("bun", "second"))).Key);
    }

    [Fact]
    public async Task It_ends_with_the_executor()
    {
        await Run(Function("bun", "first"));
        var process = await bench.Ahead("bun");
        await bench.Runners.DisposeAsync();
        Assert.True(process.Exited.IsCompleted);
    }
}
