using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Runtime;

namespace ReactorJobs.Tests.Runtime;

/// <summary>What a function may try, and what comes of it. Each test also shows that another function still works.</summary>
public sealed class Hostile_functions_are_held_back : IAsyncLifetime
{
    const long Mb = 1 << 20;
    FunctionBench bench = null!;

    public async Task InitializeAsync()
    {
        bench = await FunctionBench.Open(x => x with { MemoryMb = 256, TmpMb = 16 });
        Assert.Equal(Containment.Bubblewrap, bench.Sandbox.InForce.Kind);
    }

    public async Task DisposeAsync()
    {
        Assert.Equal("\"fine\"", (await bench.Run(bench.Function("export default () => 'fine';"))).Result.ToString());
        await bench.DisposeAsync();
    }

    async Task<JsonElement> Tried(string body, string runtime = "bun") =>
        (await bench.Run(bench.Function(
            $$"""
            import fs from 'node:fs'; import net from 'node:net'; import os from 'node:os'; import { spawnSync } from 'node:child_process';
            const attempt = (what) => { try { return what(); } catch (error) { return error.code ?? String(error); } };
            export default async () => { {{body}} };
            """, runtime))).Result.Read<JsonElement>();

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task The_executors_environment_is_not_there(string runtime)
    {
        Environment.SetEnvironmentVariable("REACTOR_TEST_SECRET", "of-the-executor");
        var seen = (await Tried("return fs.readdirSync('/proc').filter((x) => /^\\d+$/.test(x)).map((x) => fs.readFileSync(`/proc/${x}/environ`, 'utf8')).concat(Object.keys(process.env));", runtime)).GetRawText();
        Assert.Contains("NODE_ENV", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("of-the-executor", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("REACTOR_TEST_SECRET", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_secrets_are_not_in_proc_where_children_of_others_could_read_them()
    {
        var function = bench.Function("import fs from 'node:fs'; export default (r, ctx) => fs.readFileSync('/proc/1/environ', 'utf8') + fs.readFileSync('/proc/1/cmdline', 'utf8');", env: new Dictionary<string, string> { ["KEY"] = "its-own-secret" });
        Assert.DoesNotContain("its-own-secret", await bench.Result(function), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_the_machine_are_not_there()
    {
        var other = bench.Function("export default () => 1;", name: "other");
        var seen = await Tried(
            $$"""
            const read = (path) => attempt(() => fs.readFileSync(path, 'utf8'));
            const list = (path) => attempt(() => fs.readdirSync(path));
            return { shadow: read('/etc/shadow'), passwd: read('/etc/passwd'), other: list({{JsonSerializer.Serialize(other.Folder)}}), tmp: list('/tmp'), home: list('/root'),
              postgres: list('/var/run/postgresql'), run: list('/run'), sys: list('/sys'), sockets: list('/srv/socket'), srv: list('/srv'), processes: list('/proc').filter((x) => /^\d+$/.test(x)).length,
              uid: process.getuid(), hostname: os.hostname() };
            """);
        foreach (var absent in new[] { "shadow", "other", "home", "postgres", "run", "sys" })
            Assert.Equal("ENOENT", seen.GetProperty(absent).GetString());
        Assert.Single(seen.GetProperty("passwd").GetString()!.TrimEnd().Split('\n'));
        Assert.Empty(seen.GetProperty("tmp").EnumerateArray().Select(x => x.GetString()).Except([".bun"])); // bun makes this one itself
        Assert.Empty(seen.GetProperty("sockets").EnumerateArray());
        Assert.Equal(["bin", "function", "node_modules", "socket"], seen.GetProperty("srv").EnumerateArray().Select(x => x.GetString()).Order());
        Assert.Equal(1, seen.GetProperty("processes").GetInt32());
        Assert.NotEqual(0, seen.GetProperty("uid").GetInt32());
        Assert.Equal("function", seen.GetProperty("hostname").GetString());
    }

    [Fact]
    public async Task Nothing_outside_of_tmp_can_be_written()
    {
        var seen = await Tried("return ['/srv/function/x', '/srv/node_modules/@reactor/jobs-sdk/x', '/usr/x', '/etc/x', '/x', '/dev/x', '/srv/x', '/proc/sys/kernel/core_pattern'].map((x) => attempt(() => { fs.writeFileSync(x, 'x'); return 'written'; }));");
        Assert.All(seen.EnumerateArray(), x => Assert.Contains(x.GetString(), new[] { "EROFS", "EACCES", "EPERM" }));
    }

    [Fact]
    public async Task Programs_that_raise_rights_raise_none()
    {
        var seen = await Tried(
            """
            const run = (...x) => { const r = spawnSync(x[0], x.slice(1)); return r.status === 0 ? 'worked' : 'failed'; };
            return [run('/usr/bin/mount', '-t', 'tmpfs', 'x', '/tmp'), run('/usr/bin/su', '-c', 'id'), run('/usr/bin/setpriv', '--reuid', '0', 'id'), run('/usr/bin/chroot', '/usr', 'id')];
            """);
        Assert.All(seen.EnumerateArray(), x => Assert.Equal("failed", x.GetString()));
    }

    [Fact]
    public async Task Without_network_there_is_no_way_to_the_executors_ports()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var seen = await Tried($"return await new Promise((done) => {{ const s = net.connect({port}, '127.0.0.1'); s.on('connect', () => done('connected')); s.on('error', (e) => done(e.code)); }});");
        Assert.Equal("ECONNREFUSED", seen.GetString());
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task Filling_memory_ends_the_process_and_the_error_says_so(string runtime)
    {
        var function = bench.Function("export default () => { const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1)); };", runtime);
        var finished = await bench.Run(function);
        Assert.Equal((AttemptOutcomes.Lost, "out_of_memory"), (finished.Outcome, finished.Error!.Code));
        Assert.Contains("256 MB", finished.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forking_without_end_is_bounded()
    {
        var seen = await Tried(
            """
            const r = spawnSync('/bin/sh', ['-c', 'i=0; while [ $i -lt 2000 ]; do sleep 60 & i=$((i+1)); done; echo done'], { timeout: 5000, killSignal: 'SIGKILL' });
            return { forks: fs.readdirSync('/proc').filter((x) => /^\d+$/.test(x)).length, error: String(r.stderr) };
            """);
        Assert.InRange(seen.GetProperty("forks").GetInt32(), 2, new RuntimeOptions().Processes);
        Assert.Contains("fork", seen.GetProperty("error").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/dev/shm")]
    public async Task Filling_the_disk_ends_at_the_limit(string folder)
    {
        var seen = await Tried(
            $$"""
            const part = Buffer.alloc(1 << 20);
            let files = 0;
            const problem = attempt(() => { for (;;) { fs.writeFileSync(`{{folder}}/${files}`, part); files++; } });
            return { problem, files };
            """);
        Assert.Equal("ENOSPC", seen.GetProperty("problem").GetString());
        Assert.InRange(seen.GetProperty("files").GetInt32(), 1, 16);
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task A_loop_that_ignores_its_time_limit_is_ended(string runtime)
    {
        var function = bench.Function("export default async (req) => { if ((await req.json()).loop) for (;;); return 'after'; };", runtime);
        await bench.Run(function);
        var finished = await bench.Run(function, """{"loop":true}""", timeoutMs: 300);
        Assert.Equal(AttemptOutcomes.TimedOut, finished.Outcome);
        // The next one comes to the process that is stuck, is lost with it, and starts again.
        var run = bench.Send(function);
        var next = await bench.Finished(run);
        if (next.Outcome == AttemptOutcomes.Lost)
        {
            Assert.Equal("process_killed", next.Error!.Code);
            Assert.Contains("timeout", next.Error.Message, StringComparison.Ordinal);
            next = await bench.Finished(bench.Send(function, again: run));
        }

        Assert.Equal("\"after\"", next.Result.ToString());
    }

    [Fact]
    public async Task A_handler_that_goes_on_after_its_abort_takes_its_process_down_when_the_others_are_done()
    {
        var function = bench.Function(
            """
            export default async (req, ctx) => {
              if ((await req.json()).deaf) for (;;) await new Promise((done) => setTimeout(done, 5));
              console.log('here');
              return await new Promise((done) => setTimeout(() => done(process.pid + performance.timeOrigin), 4000));
            };
            """);
        var neighbour = bench.Send(function);
        await bench.Logged(neighbour, x => x.Message == "here");
        Assert.Equal(AttemptOutcomes.TimedOut, (await bench.Run(function, """{"deaf":true}""", timeoutMs: 100)).Outcome);
        var first = await bench.Finished(neighbour);
        Assert.Equal(AttemptOutcomes.Completed, first.Outcome);
        Assert.NotEqual(first.Result.ToString(), await bench.Result(function));
    }

    [Fact]
    public async Task A_handler_that_stops_when_it_is_told_to_keeps_its_process()
    {
        var function = bench.Function(
            """
            const born = performance.timeOrigin;
            export default async (req, ctx) => {
              const { wait } = await req.json();
              if (wait === 'signal') await new Promise((done, fail) => ctx.signal.addEventListener('abort', fail));
              if (wait === 'step') for (let i = 0; ; i++) await ctx.step(`s${i}`, () => new Promise((done) => setTimeout(done, 5)));
              return born;
            };
            """);
        var before = await bench.Result(function);
        Assert.Equal(AttemptOutcomes.TimedOut, (await bench.Run(function, """{"wait":"signal"}""", timeoutMs: 100)).Outcome);
        Assert.Equal(AttemptOutcomes.TimedOut, (await bench.Run(function, """{"wait":"step"}""", timeoutMs: 100)).Outcome);
        // Longer than a process has to stop a run.
        var after = bench.Function("export default () => new Promise((done) => setTimeout(done, 2500));");
        await bench.Run(after);
        Assert.Equal(before, await bench.Result(function));
    }

    [Theory]
    [InlineData("console.log(line)")]
    [InlineData("process.stdout.write(line + '\\n')")]
    public async Task A_hundred_megabytes_of_log_are_cut_with_a_word(string write)
    {
        var function = bench.Function(
            $$"""
            const line = 'x'.repeat(4000);
            export default async () => { for (let i = 0; i < 25_000; i++) { {{write}}; if (i % 100 === 0) await new Promise(setImmediate); } return 'written'; };
            """);
        var run = bench.Send(function);
        Assert.Equal("\"written\"", (await bench.Finished(run)).Result.ToString());
        Assert.Contains("1,048,576 bytes", (await bench.Logged(run, x => x.Level == "warn")).Message, StringComparison.Ordinal);
        Assert.InRange(bench.LinesOf(run).Sum(x => (long)x.Message.Length), 1, Mb + 200);
        Assert.Single(bench.LinesOf(run), x => x.Level == "warn");
    }

    [Fact]
    public async Task What_breaks_the_protocol_ends_its_process_only()
    {
        var function = bench.Function(
            """
            import net from 'node:net'; import fs from 'node:fs';
            export default async () => { for (const fd of fs.readdirSync('/proc/self/fd')) { try { if (fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')) fs.writeSync(Number(fd), Buffer.from([255, 255, 255, 255])); } catch {} } await new Promise(() => {}); };
            """);
        var finished = await bench.Run(function);
        Assert.Equal((AttemptOutcomes.Lost, "process_killed"), (finished.Outcome, finished.Error!.Code));
        Assert.Contains("protocol", finished.Error.Message, StringComparison.Ordinal);
    }
}
