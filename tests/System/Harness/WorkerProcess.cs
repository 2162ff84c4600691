namespace ReactorJobs.Tests.System.Harness;

/// <summary>A script of <c>tests/System/workers</c> in a node process of its own; it ends when its standard input does.</summary>
sealed class WorkerProcess(Child child) : IAsyncDisposable
{
    static int count;

    public Child Child => child;

    public static WorkerProcess Start(SuiteProcess suite, string script, params ReadOnlySpan<(string Name, string Value)> environment) =>
        Start(suite.Logs, suite.Url, suite.Token, script, environment);

    public static WorkerProcess Start(Installation installation, string script, params ReadOnlySpan<(string Name, string Value)> environment) =>
        Start(installation.Logs, installation.Url, installation.Token, script, environment);

    static WorkerProcess Start(string logs, string url, string token, string script, ReadOnlySpan<(string Name, string Value)> environment) =>
        new(Child.Start(
            logs, $"worker-{Interlocked.Increment(ref count)}", ["node", Path.Combine(Checkout.Folder, "tests/System/workers", script)],
            [("REACTOR_URL", url), ("REACTOR_TOKEN", token), ("REACTOR_ORG", "acme"), .. environment]));

    public Task Kill() => child.Kill();

    public async ValueTask DisposeAsync() => await child.DisposeAsync();
}
