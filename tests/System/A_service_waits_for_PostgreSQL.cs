using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>A service that is started before its database waits for it, and says why; what waiting does not mend ends it with one line.</summary>
public sealed class A_service_waits_for_PostgreSQL : IAsyncLifetime
{
    readonly string logs = Directory.CreateTempSubdirectory("reactor-start-").FullName;
    Child? service;
    Cluster? cluster;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (service is not null)
            await service.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        Directory.Delete(logs, recursive: true);
    }

    [Fact]
    public async Task Without_it_there_is_one_line_and_a_stop_ends_it_with_exit_code_0()
    {
        service = Start($"Host=127.0.0.1;Port={SuiteProcess.FreePort()};Username=postgres");
        await Until.True("it says that it waits", () => Task.FromResult(service.Errors.Contains('\n', StringComparison.Ordinal)));
        service.Signal("TERM");
        await service.Exited(Until.Limit);
        Assert.StartsWith("PostgreSQL does not answer and is tried again until it does: ", Assert.Single(Lines()), StringComparison.Ordinal);
        Assert.Equal(0, service.ExitCode);
    }

    [Fact]
    public async Task A_refusal_is_one_line_and_exit_code_1()
    {
        cluster = await Cluster.NewPrimary(logs);
        service = Start($"Host=127.0.0.1;Port={cluster.Port};Username=nobody_at_all");
        await service.Exited(Until.Limit);
        Assert.Equal("error: PostgreSQL refuses what suite.database says: 28000: role \"nobody_at_all\" does not exist", Assert.Single(Lines()));
        Assert.Equal(1, service.ExitCode);
    }

    string[] Lines() => service!.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    Child Start(string database) => Installation.Start(
        "scheduler", logs, ("REACTOR_SUITE__DATABASE", database), ("REACTOR_SUITE__RABBITMQ", "amqp://a:b@127.0.0.1:1/c"), ("REACTOR_SUITE__SECRET", "s"),
        ("REACTOR_SUITE__LISTEN", $"http://127.0.0.1:{SuiteProcess.FreePort()}"), ("REACTOR_SUITE__INGRESS", "http://127.0.0.1:1"), ("REACTOR_SUITE__SCHEDULER", "http://127.0.0.1:2"),
        ("REACTOR_SUITE__EXECUTOR", "http://127.0.0.1:3"), ("REACTOR_SUITE__EVENTS", "http://127.0.0.1:4"));
}
