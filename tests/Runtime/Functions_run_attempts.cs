using System.Text;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Tests.Runtime;

public sealed class Functions_run_attempts : IAsyncLifetime
{
    FunctionBench bench = null!;

    public async Task InitializeAsync() => bench = await FunctionBench.Open();

    public async Task DisposeAsync() => await bench.DisposeAsync();

    const string Echo = "export default { async fetch(request, env, ctx) { return Response.json({ got: await request.json(), key: env.KEY, job: ctx.run.jobId }); } };";

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task An_object_with_fetch_is_a_handler(string runtime)
    {
        var function = bench.Function(Echo, runtime, env: new Dictionary<string, string> { ["KEY"] = "secret" });
        var finished = await bench.Run(function, """{"a":1}""");
        Assert.Equal((AttemptOutcomes.Completed, """{"got":{"a":1},"key":"secret","job":"job"}"""), (finished.Outcome, finished.Result.ToString()));
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task A_plain_function_is_a_handler(string runtime)
    {
        var function = bench.Function("export default async (req, ctx) => ({ sum: (await req.json()).n + ctx.run.attempt });", runtime);
        Assert.Equal("""{"sum":3}""", await bench.Result(function, """{"n":2}"""));
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task Steps_state_and_events_are_journaled_and_a_rerun_finds_them(string runtime)
    {
        var function = bench.Function(
            """
            let tries = 0;
            export default async (req, ctx) => {
              const a = await ctx.step('a', () => ++tries);
              await ctx.state.set('k', a);
              await ctx.emit('made', { a });
              if (tries < 2 && ctx.run.attempt === 1 && a === 1 && !globalThis.failed) { globalThis.failed = true; throw new Error('once'); }
              return { a, tries, k: await ctx.state.get('k') };
            };
            """, runtime);
        var run = bench.Send(function);
        var failed = await bench.Finished(run);
        Assert.Equal(("failed", "once", false), (failed.Outcome, failed.Error!.Message, failed.Fatal));
        var again = await bench.Finished(bench.Send(function, again: run));
        Assert.Equal("""{"a":1,"tries":1,"k":1}""", again.Result.ToString());
        Assert.Equal(["EventEmitted"], bench.Others.Select(Bench.TypeOf));
    }

    [Fact]
    public async Task A_sleep_suspends_and_the_wake_goes_on()
    {
        var function = bench.Function("export default async (req, ctx) => { await ctx.sleep('s', 1); return 'woken'; };");
        var run = bench.Send(function);
        var suspended = (AttemptSuspended)await bench.Outcome(run);
        Assert.Equal("sleep:s", suspended.Waits.Single().Key);
        Assert.Equal("\"woken\"", (await bench.Finished(bench.Send(function, again: run))).Result.ToString());
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task Console_lines_carry_their_run_and_their_step(string runtime)
    {
        var function = bench.Function(
            """
            console.log('starting up');
            export default async (req, ctx) => {
              const { n } = await req.json();
              console.warn('outside %d', n);
              await Promise.all(['x', 'y'].map((s) => ctx.step(s, async () => { await null; console.log('inside', s, n); })));
              process.stdout.write('past the console\n');
              await ctx.step('last', () => console.error(new Error('shown')));
            };
            """, runtime);
        var (one, two) = (bench.Send(function, """{"n":1}"""), bench.Send(function, """{"n":2}"""));
        await Task.WhenAll(bench.Finished(one), bench.Finished(two));
        foreach (var (run, n) in new[] { (one, 1), (two, 2) })
        {
            Assert.Equal(("warn", null, $"outside {n}"), Line(await bench.Logged(run, x => x.Level == "warn")));
            Assert.Equal(("info", "x", $"inside x {n}"), Line(await bench.Logged(run, x => x.Step == "x")));
            Assert.Equal(("info", "y", $"inside y {n}"), Line(await bench.Logged(run, x => x.Step == "y")));
            Assert.Contains("shown", (await bench.Logged(run, x => x.Step == "last")).Message, StringComparison.Ordinal);
        }

        var either = await Task.WhenAny(bench.Logged(one, x => x.Message == "starting up"), bench.Logged(two, x => x.Message == "starting up"));
        Assert.Null((await either).Step);
        either = await Task.WhenAny(bench.Logged(one, x => x.Message == "past the console"), bench.Logged(two, x => x.Message == "past the console"));
        Assert.Equal("info", (await either).Level);
    }

    static (string, string?, string) Line(ReactorJobs.Executor.Logs.LogEntry entry) => (entry.Level, entry.Step, entry.Message);

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task A_plain_request_is_answered(string runtime)
    {
        var function = bench.Function(
            """
            export default { async fetch(request, env, ctx) {
              const body = new Uint8Array(await request.arrayBuffer());
              return new Response(body.reverse(), { status: 201, headers: { 'x-path': new URL(request.url).pathname, 'x-in': request.headers.get('x-in'), 'x-ctx': typeof ctx } });
            } };
            """, runtime);
        var request = new FunctionRequest("POST", "/hello?x=1", [("x-in", "there")], new byte[] { 1, 2, 0xff });
        var answer = await bench.Host.Invoke(function, request, default);
        Assert.Equal((201, true), (answer.Status, answer.ColdStart));
        Assert.Equal([0xff, 2, 1], answer.Body);
        Assert.Contains(("x-path", "/hello"), answer.Headers);
        Assert.Contains(("x-in", "there"), answer.Headers);
        Assert.Contains(("x-ctx", "undefined"), answer.Headers);
        answer = await bench.Host.Invoke(function, request with { Body = Encoding.UTF8.GetBytes("ab") }, default);
        Assert.Equal(("ba", false), (Encoding.UTF8.GetString(answer.Body), answer.ColdStart));
    }

    [Fact]
    public async Task What_a_plain_request_makes_the_function_throw_is_the_callers_to_see()
    {
        var function = bench.Function("export default () => { throw new TypeError('no such thing'); };");
        var failure = await Assert.ThrowsAsync<FunctionFailure>(() => bench.Host.Invoke(function, new("GET", "/", [], default), default));
        Assert.Equal(("TypeError", "no such thing"), (failure.Error.Name, failure.Error.Message));
    }

    [Theory]
    [InlineData("bun")]
    [InlineData("node")]
    public async Task A_module_that_throws_fails_its_attempts_and_says_why(string runtime)
    {
        var function = bench.Function("throw new Error('no database configured'); export default () => 1;", runtime);
        for (var tries = 0; tries < 2; tries++)
        {
            var finished = await bench.Run(function);
            Assert.Equal(("failed", false, "function_load_failed"), (finished.Outcome, finished.Fatal, finished.Error!.Code));
            Assert.Contains("no database configured", finished.Error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("export const handler = () => 1;", "no default export")]
    [InlineData("export default 5;", "a number")]
    [InlineData("export default { run() {} };", "an object without fetch")]
    public async Task A_module_without_a_handler_is_refused_for_good(string code, string found)
    {
        var finished = await bench.Run(bench.Function(code));
        Assert.Equal(("failed", true, "function_invalid"), (finished.Outcome, finished.Fatal, finished.Error!.Code));
        Assert.Contains(found, finished.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SDK_is_there_without_being_in_the_bundle()
    {
        var function = bench.Function("import { FatalError } from '@reactor/jobs-sdk'; export default () => { throw new FatalError('stop', { code: 'mine' }); };");
        var finished = await bench.Run(function);
        Assert.Equal((true, "mine"), (finished.Fatal, finished.Error!.Code));
    }

    [Fact]
    public async Task A_version_that_cannot_be_resolved_fails_the_attempt_with_its_error()
    {
        var function = bench.Function(Echo);
        bench.Unresolvable = new FunctionFailure(new("FunctionError", "There is no function \"x\".", "function_not_found"), fatal: true);
        var finished = await bench.Run(function);
        Assert.Equal((true, "function_not_found"), (finished.Fatal, finished.Error!.Code));
    }

    [Fact]
    public async Task While_the_database_is_away_the_attempt_is_handed_back_and_not_failed()
    {
        var function = bench.Function(Echo);
        bench.Unresolvable = new StoreUnavailable("The database does not answer.");
        var run = bench.Send(function);
        Assert.Equal(AttemptOutcomes.Released, (await bench.Finished(run)).Outcome);
        bench.Unresolvable = null;
        Assert.Equal(AttemptOutcomes.Completed, (await bench.Finished(bench.Send(function, again: run))).Outcome);
    }

    [Fact]
    public async Task A_runtime_that_is_missing_is_said_with_what_to_install()
    {
        await using var without = await FunctionBench.Open(x => x with { Bun = "/nowhere/bun" });
        var finished = await without.Run(without.Function(Echo));
        Assert.Equal(("failed", "runtime_missing"), (finished.Outcome, finished.Error!.Code));
        Assert.Contains("/nowhere/bun", finished.Error.Message, StringComparison.Ordinal);
    }
}
