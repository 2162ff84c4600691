using System.Net;
using System.Net.Sockets;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>What a service manager and a person at a terminal see of the program.</summary>
public sealed class The_program_starts_and_ends_in_order : IAsyncLifetime
{
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    readonly SuiteProcess suite = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await suite.DisposeAsync();

    [Fact]
    public async Task A_stop_ends_it_soon_with_exit_code_0_and_the_next_start_goes_on()
    {
        suite.Launch();
        await suite.Serves();
        using var api = new Api(suite.Url, suite.Token);
        await api.Job("nap", new { max_concurrency = 1000 });
        await api.Job("stubborn");
        string id;
        await using (WorkerProcess.Start(suite, "handlers.mjs"))
        {
            id = await api.Trigger("nap", new { duration = "300ms" });
            var stubborn = await api.Trigger("stubborn", new { sign = Path.Combine(suite.Folder("signs"), "stubborn") });
            await Until.True("an attempt is under way", async () => (await api.Run(stubborn))["attempts"]!.AsArray().Count > 0);
            // With a worker connected, an attempt under way and a request that waits.
            var waiting = api.Get($"/jobs/v1/runs/{stubborn}?wait=30s");
            Assert.Equal(0, await suite.Stop(StopLimit));
            await waiting.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        var token = suite.Token;
        suite.Launch();
        await suite.Serves();
        Assert.Equal(token, suite.Token);
        await using var worker = WorkerProcess.Start(suite, "handlers.mjs");
        Assert.Equal("completed", (string?)(await api.Ended(id))["status"]);
        Assert.Equal(0, await suite.Stop(StopLimit));
    }

    [Fact]
    public async Task A_taken_port_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, suite.Port);
        taken.Start();
        suite.Launch();
        await suite.Child.Exited(Until.Limit);
        Assert.Equal(1, suite.Child.ExitCode);
        Assert.Equal([$"error: Port {suite.Port} is taken: end what listens there, or choose another with --port."], Lines(suite.Child.Errors));
        Assert.Equal("", suite.Child.Output);
    }

    [Fact]
    public async Task A_database_that_cannot_start_is_one_line_and_exit_code_1()
    {
        Directory.CreateDirectory(Path.Combine(suite.Data, "postgres"));
        suite.Launch();
        await suite.Child.Exited(Until.Limit);
        Assert.Equal(1, suite.Child.ExitCode);
        var error = Assert.Single(Lines(suite.Child.Errors), line => !line.StartsWith(' '));
        Assert.Contains("no PostgreSQL data folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_database_is_one_line_and_exit_code_1()
    {
        suite.Launch();
        await suite.Serves();
        Assert.Equal(0, await suite.Stop(StopLimit));
        File.Delete(Path.Combine(suite.Data, "postgres", "global", "pg_control"));
        suite.Launch();
        await suite.Child.Exited(Until.Limit);
        Assert.Equal(1, suite.Child.ExitCode);
        var error = Assert.Single(Lines(suite.Child.Errors), line => !line.StartsWith(' '));
        Assert.Contains("seems damaged", error, StringComparison.Ordinal);
    }

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
