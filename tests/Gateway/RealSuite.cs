using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ReactorJobs.Events;
using ReactorJobs.Executor;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.Configuration;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Ingress;
using ReactorJobs.Ingress.Gateway;
using ReactorJobs.Ingress.Orgs;
using ReactorJobs.Scheduler;

namespace ReactorJobs.Tests.Gateway;

/// <summary>The four real services, twice: each in a host of its own behind the gateway, and all in one host.</summary>
public sealed class RealSuite : IAsyncLifetime
{
    readonly PostgresServer server = new();
    readonly string folder = Directory.CreateTempSubdirectory("reactor-gateway-").FullName;
    readonly List<WebApplication> hosts = [];

    public GatewayHost Gateway { get; private set; } = null!;

    /// <summary>The host that has them all, with a token of its own.</summary>
    public HttpClient Whole { get; private set; } = null!;

    /// <summary>Where each service is reached without the gateway.</summary>
    public Dictionary<string, Uri> Services { get; } = [];

    /// <summary>Of the executor behind the gateway.</summary>
    public Guid ExecutorStart { get; private set; }

    /// <summary>What each service has mapped.</summary>
    public Dictionary<string, IReadOnlyList<RouteEndpoint>> Endpoints { get; } = [];

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        var database = server.NewDatabase();
        ServiceModule[] services = [new SchedulerModule(), new ExecutorModule(), new EventsModule()];
        foreach (var service in services)
            Services[service.Name] = NewAddress();
        var calls = new InternalCalls(new Uri("http://127.0.0.1:1"), Services["scheduler"], Services["executor"], Services["events"], GatewayHost.Secret);
        foreach (var service in services)
        {
            var host = await Start(Services[service.Name], database, [service], x => x.AddSingleton(calls).AddSingleton<Authenticate>(ForwardedCaller.Authenticate));
            Endpoints[service.Name] = MappedBy(host);
            if (host.Services.GetService<ExecutorService>() is { } executor)
                ExecutorStart = executor.Instance.Id;
        }

        Gateway = await GatewayHost.Start(database, new([Services["scheduler"]], [Services["executor"]], [Services["events"]]) { CheckEvery = TimeSpan.FromMilliseconds(50) });

        var here = NewAddress();
        var whole = await Start(here, server.NewDatabase(), [new IngressModule(), new SchedulerModule(), new ExecutorModule(), new EventsModule()],
            x => x.AddSingleton(new InternalCalls(here, here, here, here, GatewayHost.Secret)));
        Endpoints["ingress"] = [.. MappedBy(whole).Where(x => !Endpoints.Values.Any(known => known.Any(y => y.RoutePattern.RawText == x.RoutePattern.RawText)))];
        Whole = new() { BaseAddress = here };
        Whole.DefaultRequestHeaders.Authorization = new("Bearer", await whole.Services.GetRequiredService<OrgRegister>().EnsureOrgWithToken(GatewayHost.Org, null));
    }

    async Task<WebApplication> Start(Uri address, DatabaseOptions database, IReadOnlyList<ServiceModule> modules, Action<IServiceCollection> configure)
    {
        var app = await ServiceHost.Start(new(address.ToString(), database, LogLevel: LogLevel.Error), modules, services =>
        {
            services.AddSingleton(new SecretsSettings());
            services.AddSingleton(new ExecutorOptions { Name = address.ToString(), PublicUrl = address.ToString() });
            services.AddSingleton(new RuntimeOptions());
            services.AddSingleton(new FunctionOptions { Folder = Path.Combine(folder, address.Port.ToString()) });
            configure(services);
        }, default);
        hosts.Add(app);
        return app;
    }

    static Uri NewAddress() => new($"http://127.0.0.1:{FakeService.FreePort()}");

    static IReadOnlyList<RouteEndpoint> MappedBy(WebApplication app) => [.. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    /// <summary>The JSON of the same path through the gateway and of the whole host.</summary>
    public async Task<(JsonNode Gateway, JsonNode Whole)> Both(string path) =>
        (JsonNode.Parse(await Gateway.Client.GetStringAsync(path))!, JsonNode.Parse(await Whole.GetStringAsync(path))!);

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        Whole.Dispose();
        foreach (var host in hosts)
        {
            await ServiceHost.Stop(host, default);
            await host.DisposeAsync();
        }

        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
