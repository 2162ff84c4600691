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

/// <summary>The checkout that the tests were built from.</summary>
static class Checkout
{
    public static string Folder { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ReactorJobs.Micro.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No checkout is above {AppContext.BaseDirectory}.");
    }
}
