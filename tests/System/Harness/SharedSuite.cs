[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ReactorJobs.Tests.System.Harness;

/// <summary>One suite and one worker for all tests that leave both as they were; each test has jobs of its own.</summary>
public sealed class SharedSuite : IAsyncLifetime
{
    internal const string Name = "the shared suite";

    /// <summary>These tests are run twice: on the suite in one process, and on that of several.</summary>
    internal const string Hosts = "hosts";
    internal const string Both = "both";

    /// <summary>More than an answer may take, and little for each step of a priority.</summary>
    internal const int PriorityWaitMs = 50_000;

    WorkerProcess? worker;
    int signs;

    internal SuiteProcess Suite { get; private set; } = null!;

    internal Api Api { get; private set; } = null!;

    /// <summary>For what handlers leave behind as a sign.</summary>
    internal string Signs { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Suite = await SuiteProcess.StartNew(("REACTOR_JOBS__PRIORITY_WAIT_MS", $"{PriorityWaitMs}"));
        Api = new(Suite.Url, Suite.Token);
        Signs = Suite.Folder("signs");
        worker = WorkerProcess.Start(Suite, "handlers.mjs");
    }

    /// <summary>A path that nothing is at yet.</summary>
    internal string Sign() => Path.Combine(Signs, $"{Interlocked.Increment(ref signs)}");

    public async Task DisposeAsync()
    {
        if (worker is not null)
            await worker.DisposeAsync();
        Api?.Dispose();
        if (Suite is not null)
            await Suite.DisposeAsync();
    }
}

[CollectionDefinition(SharedSuite.Name)]
public sealed class SharedSuiteTests : ICollectionFixture<SharedSuite>;
