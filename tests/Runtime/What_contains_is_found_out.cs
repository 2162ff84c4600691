using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Runtime;

namespace ReactorJobs.Tests.Runtime;

public sealed class What_contains_is_found_out : IDisposable
{
    static readonly SandboxLimits Limits = new(256 << 20, 64, 256, 4 << 20, 200);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly RuntimeOptions Without = new() { Bubblewrap = "/nowhere/bwrap" };
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sandbox-under-test-");

    static Task<Sandbox> Open(RuntimeOptions? options = null) => Sandbox.Open(options ?? new(), TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task Required_containment_that_does_not_work_stops_the_start_and_says_why()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Open(Without with { Containment = RuntimeOptions.Required }));
        Assert.Contains("/nowhere/bwrap", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bubblewrap_that_cannot_contain_is_none()
    {
        using var sandbox = await Open(new() { Bubblewrap = "/bin/false" });
        Assert.Equal(Containment.None, sandbox.InForce.Kind);
        Assert.Contains("ended with 1", sandbox.InForce.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task With_best_effort_functions_run_uncontained_all_the_same(string runtime)
    {
        await using var bench = await FunctionBench.Open(_ => Without);
        Assert.Equal(Containment.None, bench.Host.Containment.Kind);
        var function = bench.Function("import { FatalError } from '@reactor/jobs-sdk'; export default async (req, ctx) => { console.log('here'); return await ctx.step('s', () => typeof FatalError); };", runtime);
        var run = bench.Send(function);
        Assert.Equal("\"function\"", (await bench.Finished(run)).Result.ToString());
        await bench.Logged(run, x => x.Message == "here");
    }

    [Fact]
    public async Task A_program_runs_to_its_end_and_writes_where_it_may()
    {
        using var sandbox = await Open();
        var before = folder.UnixFileMode;
        var result = await sandbox.Run(new(["/bin/sh", "-c", "echo made > out; echo said; echo complained >&2; exit 3"], [new(folder.FullName, "/srv/work", Writable: true)], Limits, "/srv/work"), Patience);
        Assert.Equal((3, false, false, "said\n", "complained\n"), (result.Code, result.TimedOut, result.OutOfMemory, result.Output, result.Error));
        Assert.Equal("made\n", File.ReadAllText(Path.Combine(folder.FullName, "out")));
        folder.Refresh();
        Assert.Equal(before, folder.UnixFileMode);
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_ended_with_all_it_started()
    {
        using var sandbox = await Open();
        var result = await sandbox.Run(new(["/bin/sh", "-c", "setsid sleep 1000 & sleep 1000"], [], Limits), TimeSpan.FromMilliseconds(300));
        Assert.True(result.TimedOut);
    }

    [Fact]
    public async Task A_program_that_uses_too_much_processor_time_is_ended()
    {
        using var sandbox = await Open();
        var result = await sandbox.Run(new(["/bin/sh", "-c", "while :; do :; done"], [], Limits with { CpuTime = TimeSpan.FromSeconds(1) }), Patience);
        Assert.Equal((false, false), (result.TimedOut, result.Succeeded));
    }

    [Fact]
    public async Task A_program_that_takes_too_much_memory_is_ended_and_it_is_said()
    {
        using var sandbox = await Open();
        var result = await sandbox.Run(new(["/usr/bin/tail", "/dev/zero"], [], Limits with { MemoryBytes = 64 << 20 }), Patience);
        Assert.Equal((true, false), (result.OutOfMemory, result.Succeeded));
    }

    [Theory]
    [InlineData("containment", "full")]
    [InlineData("memory_mb", "1")]
    [InlineData("log_bytes", "0")]
    public void A_setting_that_makes_no_sense_is_named(string setting, string value)
    {
        var options = setting switch
        {
            "containment" => new RuntimeOptions { Containment = value },
            "memory_mb" => new RuntimeOptions { MemoryMb = 1 },
            _ => new RuntimeOptions { LogBytes = 0 },
        };
        var message = Assert.Throws<InvalidOperationException>(options.Validated).Message;
        Assert.Contains($"{setting} of [jobs.functions] is \"{value}\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 2, null, 100)]
    [InlineData(1000, 2, null, 500)]
    [InlineData(1001, 10, null, 101)]
    [InlineData(1000, 2, 7, 7)]
    public void The_processes_of_a_function_have_room_for_the_whole_worker_count(int workers, int processes, int? set, int slots) =>
        Assert.Equal(slots, new RuntimeOptions { WorkerCount = workers, MaxProcesses = processes, AttemptsPerProcess = set }.Validated().SlotsPerProcess);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    [InlineData(3, 400)]
    [InlineData(50, 30_000)]
    public void The_pause_after_crashes_grows_to_half_a_minute(int crashes, int ms) => Assert.Equal(TimeSpan.FromMilliseconds(ms), PoolRules.PauseAfter(crashes));

    [Theory]
    [InlineData(true, null, 1, false, "ended before it was ready, with exit code 1: it was so")]
    [InlineData(false, null, 139, false, "ended by signal SIGSEGV: it was so")]
    [InlineData(false, "it was time", 137, false, "was ended: it was time.")]
    [InlineData(false, null, 137, true, "more than its 64 MB of memory")]
    public void An_end_is_told_in_words(bool unserved, string? killed, int code, bool outOfMemory, string said) =>
        Assert.Contains(said, new ProcessEnd(!unserved, false, killed, new(code, outOfMemory), "it was so", 64).Error.Message, StringComparison.Ordinal);

    public void Dispose() => folder.Delete(recursive: true);
}
