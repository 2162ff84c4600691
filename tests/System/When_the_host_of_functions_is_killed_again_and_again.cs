using ReactorJobs.Tests.System.Harness;
using Xunit.Abstractions;

namespace ReactorJobs.Tests.System;

/// <summary>
/// The same promise where functions are the handlers: their processes are the host's own, die with it, and are started anew by the next one.
/// </summary>
public sealed class When_the_host_of_functions_is_killed_again_and_again(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>As large as the workers' trial, for a release; otherwise a part of it.</summary>
    static readonly Torment Torment = Environment.GetEnvironmentVariable("REACTOR_FULL") is null ? new(300, 4, 3, 15) : new(2000, 20, 10, 100);

    /// <summary>As many as the workers' trial has slots, so that a kill hits many runs.</summary>
    const int AtOnce = 150;

    /// <summary>The kernel ends a sandbox with its host; a busy machine takes its time with that.</summary>
    static readonly TimeSpan Leave = TimeSpan.FromSeconds(5);

    SuiteProcess suite = null!;
    LedgerServer server = null!;
    Ledger ledger = null!;
    Api api = null!;
    int sandboxed;

    public async Task InitializeAsync()
    {
        suite = await SuiteProcess.StartNew(("REACTOR_JOBS__WORKER_COUNT", $"{AtOnce}"));
        ledger = new(suite.Folder("ledger"));
        server = new(ledger.Folder);
        api = new(suite.Url, suite.Token);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await suite.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Every_run_completes_no_acknowledged_step_runs_again_and_no_sandbox_stays()
    {
        foreach (var (name, runtime) in new[] { ("order", "bun"), ("invoice", "bun"), ("notice", "node") })
            await Deploy(name, runtime);
        await new OrdersUnderKills(Torment, suite, api, ledger, KillHost, KillFunction, output).KeepEveryPromise();
        Assert.True(sandboxed >= Torment.HostKills, $"Only {sandboxed} processes of functions were there when their host was killed.");
    }

    async Task Deploy(string name, string runtime)
    {
        var functions = new Functions(api);
        await functions.Create(name, runtime, env: new { LEDGER = server.Address });
        await functions.Deploy(name,
            ("index.mjs", $"""
                import * as ledger from "./ledger.mjs";
                import * as handlers from "./order-handlers.mjs";
                export default handlers.handlersOf(ledger).{name};
                """),
            ("ledger.mjs", Script("functions/ledger.mjs")),
            ("order-handlers.mjs", Script("workers/order-handlers.mjs")));
        await functions.Promote(name);
    }

    static string Script(string path) => File.ReadAllText(Path.Combine(Checkout.Folder, "tests/System", path));

    async Task KillHost()
    {
        var host = suite.Child.Id;
        sandboxed += SandboxedProcesses.Of(host).Count(process => process.RunsFunction);
        await suite.Kill();
        IReadOnlyList<SandboxedProcess> left = [];
        try
        {
            await Until.True("nothing of the host's sandboxes is left", () => Task.FromResult((left = SandboxedProcesses.Of(host)).Count == 0), Leave);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} There are still: {string.Join(", ", left)}", exception);
        }
    }

    /// <summary>The process inside, as the kernel would for want of memory: not the one that holds the sandbox.</summary>
    async Task KillFunction(Random dice)
    {
        var process = await Until.Some("a function has a process", () => Task.FromResult(
            SandboxedProcesses.Of(suite.Child.Id).Where(process => process.RunsFunction).ToArray() is { Length: > 0 } all ? new { all[dice.Next(all.Length)].Id } : null));
        using var target = global::System.Diagnostics.Process.GetProcessById(process.Id);
        target.Kill();
    }
}
