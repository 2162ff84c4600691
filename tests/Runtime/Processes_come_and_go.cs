using ReactorJobs.Contracts;
using ReactorJobs.Executor.Runtime;

namespace ReactorJobs.Tests.Runtime;

public sealed class Processes_come_and_go : IAsyncLifetime
{
    const string Born = "const born = performance.timeOrigin; export default () => born;";
    readonly ManualTime time = new();
    FunctionBench bench = null!;

    public async Task InitializeAsync() => bench = await FunctionBench.Open(x => x with { MaxProcesses = 2, AttemptsPerProcess = 2 }, time);

    public async Task DisposeAsync() => await bench.DisposeAsync();

    /// <summary>Of a few crashes, and shorter than any patience with a process.</summary>
    static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>The outcome, while time goes by as soon as a pause is waited for.</summary>
    async Task<AttemptFinished> FinishedInTime(ExecuteRun run)
    {
        var finished = bench.Finished(run);
        while (await Task.WhenAny(finished, time.TimerWithin(LongestPause)) != finished)
            time.Advance(LongestPause);
        return await finished;
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task A_process_is_used_again(string runtime)
    {
        var function = bench.Function(Born, runtime);
        Assert.Equal(await bench.Result(function), await bench.Result(function));
        Assert.Equal(1, bench.Host.Processes);
    }

    [Fact]
    public async Task Each_version_has_a_process_of_its_own()
    {
        var (one, two) = (bench.Function(Born), bench.Function(Born));
        Assert.NotEqual(await bench.Result(one), await bench.Result(two));
        Assert.Equal(2, bench.Host.Processes);
    }

    [Fact]
    public async Task A_process_that_is_full_gets_company_up_to_the_limit_and_the_rest_waits()
    {
        var function = bench.Function(
            """
            import { writeFileSync } from 'node:fs';
            export default async (req, ctx) => { console.log('begun'); await new Promise((done) => setTimeout(done, 300)); return performance.timeOrigin; };
            """);
        var runs = Enumerable.Range(0, 6).Select(_ => bench.Send(function)).ToArray();
        var results = new List<string>();
        foreach (var run in runs)
            results.Add((await bench.Finished(run)).Result.ToString());
        Assert.Equal(2, results.Distinct().Count());
        Assert.Equal(2, bench.Host.Processes);
    }

    [Fact]
    public async Task A_process_without_work_ends_after_its_time()
    {
        var function = bench.Function(Born);
        var first = await bench.Result(function);
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(first, await bench.Result(function));
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1, bench.Host.Processes);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(SpinWait.SpinUntil(() => bench.Host.Processes == 0, TimeSpan.FromSeconds(20)));
        Assert.NotEqual(first, await bench.Result(function));
    }

    [Theory]
    [InlineData("process.exit(3)", "exit code 3")]
    [InlineData("process.kill(process.pid, 'SIGKILL'); spin()", "ended")]
    [InlineData("setTimeout(() => { throw new Error('late and loud'); }); await new Promise(() => {})", "late and loud")]
    public async Task A_crash_loses_the_attempt_which_runs_again(string crash, string said)
    {
        var function = bench.Function(
            $$"""
            import { spawnSync } from 'node:child_process';
            const spin = () => spawnSync('/bin/sh', ['-c', 'kill -9 -1']);
            export default async (req, ctx) => {
              const first = await ctx.step('once', () => performance.timeOrigin);
              if (first === performance.timeOrigin) { {{crash}}; await ctx.step('end', () => process.exit(9)); }
              return 'again';
            };
            """);
        var run = bench.Send(function);
        var lost = await bench.Finished(run);
        Assert.Equal((AttemptOutcomes.Lost, "ProcessError"), (lost.Outcome, lost.Error!.Name));
        Assert.Contains(said, lost.Error.Message, StringComparison.Ordinal);
        Assert.Equal("\"again\"", (await FinishedInTime(bench.Send(function, again: run))).Result.ToString());
    }

    [Fact]
    public async Task A_function_that_cannot_start_fails_its_attempts_and_says_why()
    {
        var function = bench.Function("console.error('broken beyond repair'); process.exit(7); export default () => 1;");
        var (run, outcomes) = (bench.Send(function), new List<AttemptFinished>());
        while (outcomes.Count < 6 && (outcomes.Count == 0 || outcomes[^1].Outcome == AttemptOutcomes.Lost))
        {
            outcomes.Add(await FinishedInTime(run));
            run = bench.Send(function, again: run);
        }

        Assert.Equal([AttemptOutcomes.Lost, AttemptOutcomes.Lost, AttemptOutcomes.Failed], outcomes.Select(x => x.Outcome));
        Assert.False(outcomes[^1].Fatal);
        Assert.Contains("exit code 7", outcomes[^1].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("broken beyond repair", outcomes[^1].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("3rd time in a row", outcomes[^1].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_function_is_down_attempts_fail_at_once_and_after_the_pause_it_is_tried_again()
    {
        var function = bench.Function("process.exit(7);");
        var run = bench.Send(function);
        while ((await FinishedInTime(run)).Outcome == AttemptOutcomes.Lost)
            run = bench.Send(function, again: run);

        Assert.Equal(AttemptOutcomes.Failed, (await bench.Run(function)).Outcome);
        Assert.Equal(0, bench.Host.Processes);
        File.WriteAllText(Path.Combine(function.Folder, "index.js"), Born);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(AttemptOutcomes.Completed, (await bench.Run(function)).Outcome);
    }

    [Fact]
    public async Task An_attempt_that_is_cancelled_while_it_waits_never_begins()
    {
        var function = bench.Function("let begun = 0; export default async () => { begun++; await new Promise((done) => setTimeout(done, 200)); return begun; };");
        await bench.Run(function);
        var runs = Enumerable.Range(0, 4).Select(_ => bench.Send(function)).ToArray();
        var waits = bench.Send(function);
        bench.Dispatcher.Cancel(new(FunctionBench.Org, waits.RunId, waits.Epoch, "cancelled"));
        foreach (var run in runs)
            Assert.Equal(AttemptOutcomes.Completed, (await bench.Finished(run)).Outcome);
        Assert.Equal(AttemptOutcomes.Completed, (await bench.Run(function)).Outcome);
    }

    [Fact]
    public async Task Stopping_leaves_no_process_behind()
    {
        var function = bench.Function("export default () => new Promise(() => {});");
        var run = bench.Send(function);
        Assert.True(SpinWait.SpinUntil(() => bench.Host.Processes == 1, TimeSpan.FromSeconds(20)));
        await bench.Host.DisposeAsync();
        Assert.Equal(0, bench.Host.Processes);
    }
}
