using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Executor.HttpHandlers;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Runs;
using ReactorJobs.Executor.Slots;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Executor;

/// <summary>The executor as a part of a host.</summary>
public sealed class ExecutorModule : ServiceModule
{
    public override string Name => "executor";

    public override Task Migrate(DatabaseOptions options, CancellationToken stop) =>
        DatabaseSetup.Migrate<ExecutorDb>(options, ExecutorDb.Schema, x => new(x), stop);

    public override void AddServices(IServiceCollection services, DatabaseOptions database)
    {
        services.TryAddSingleton(new ExecutorOptions());
        services.AddKeyedSingleton(ExecutorDb.Schema, (_, _) => new ServiceDatabase(database, ExecutorDb.Schema));
        services.TryAddSingleton<IAttemptStore>(provider => new PostgresAttemptStore(DatabaseOf(provider)));
        services.AddSingleton(provider =>
        {
            // The bus is made with its endpoints, and one of those is this service's: it may not be asked for here already.
            var bus = new Lazy<IBus>(provider.GetRequiredService<IBus>);
            var publisher = new Lazy<BusPublisher>(provider.GetRequiredService<BusPublisher>);
            return new ExecutorService(
                provider.GetRequiredService<ExecutorOptions>(), provider.GetRequiredService<IAttemptStore>(), DatabaseOf(provider), message => bus.Value.Publish(message),
                message => publisher.Value.Publish(message), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IdSource>(), provider.GetRequiredService<ILoggerFactory>());
        });
        services.TryAddSingleton(new FunctionOptions());
        services.AddSingleton(provider => new FunctionService(
            provider.GetRequiredService<FunctionOptions>(), DatabaseOf(provider), provider.GetRequiredService<DeploymentSteps>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IdSource>(), provider.GetRequiredService<ILoggerFactory>()));
    }

    public override void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services)
    {
        var executor = services.GetRequiredService<ExecutorService>();
        new ExecutorQueue(executor.Instance.Id).Connect(bus, executor.Dispatcher);
    }

    public override void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var executor = services.GetRequiredService<ExecutorService>();
        endpoints.MapGet(CallbackEndpoints.Path, (HttpContext http) => executor.Workers.Accept(http)).ExcludeFromDescription();
        executor.Callbacks.Map(endpoints);
        endpoints.MapLogs();
        // A host without a runtime for functions has none.
        if (services.GetService<DeploymentSteps>() is not null)
            services.GetRequiredService<FunctionService>().Endpoints.Map(endpoints);
        endpoints.MapRuns(DatabaseOf(services), services.GetRequiredService<TimeProvider>());
    }

    public override Task Start(IServiceProvider services, CancellationToken stop) => services.GetRequiredService<ExecutorService>().Start(stop);

    public override Task Stop(IServiceProvider services, CancellationToken stop) => services.GetRequiredService<ExecutorService>().Stop();

    static ServiceDatabase DatabaseOf(IServiceProvider services) => services.GetRequiredKeyedService<ServiceDatabase>(ExecutorDb.Schema);
}
