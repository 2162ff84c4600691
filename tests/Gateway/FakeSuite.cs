using ReactorJobs.Hosting.Database;
using ReactorJobs.Ingress.Gateway;

namespace ReactorJobs.Tests.Gateway;

/// <summary>One instance of each service, and more where a test asks for them, behind a gateway that checks them often.</summary>
public sealed class FakeSuite : IAsyncDisposable
{
    public required FakeService[] Schedulers { get; init; }
    public required FakeService[] Executors { get; init; }
    public required FakeService[] Events { get; init; }
    public required GatewayHost Gateway { get; init; }

    public IEnumerable<FakeService> All => [.. Schedulers, .. Executors, .. Events];

    internal static async Task<FakeSuite> Start(DatabaseOptions database, int schedulers = 1, int executors = 1, Func<GatewayOptions, GatewayOptions>? configure = null)
    {
        var (scheduler, executor, events) = (await Several("scheduler", schedulers), await Several("executor", executors), await Several("events", 1));
        var options = new GatewayOptions(Addresses(scheduler), Addresses(executor), Addresses(events)) { CheckEvery = TimeSpan.FromMilliseconds(50) };
        return new()
        {
            Schedulers = scheduler,
            Executors = executor,
            Events = events,
            Gateway = await GatewayHost.Start(database, configure?.Invoke(options) ?? options),
        };

        static IReadOnlyList<Uri> Addresses(FakeService[] services) => [.. services.Select(x => x.Address)];
    }

    static async Task<FakeService[]> Several(string name, int count)
    {
        var services = new FakeService[count];
        for (var i = 0; i < count; i++)
        {
            services[i] = await FakeService.Start(name);
            services[i].Instance = $"{name}-{i}";
        }

        return services;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var service in All)
            await service.DisposeAsync();
    }
}

/// <summary>For tests that change nothing but what a service answers.</summary>
public sealed class SharedFakes(GatewayDatabase database) : IAsyncLifetime
{
    public FakeSuite Suite { get; private set; } = null!;

    public async Task InitializeAsync() => Suite = await FakeSuite.Start(database.Options);

    public async Task DisposeAsync() => await Suite.DisposeAsync();
}
