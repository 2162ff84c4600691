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
using ReactorJobs.Executor.RemoteFunctions;
using ReactorJobs.Executor.Runs;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Executor.Slots;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Executor;

/// <summary>The executor as a part of a host.</summary>
public sealed class ExecutorModule : ServiceModule
{
    public override string Name => "executor";

    public override Task Migrate(DatabaseOptions options, CancellationToken stop) =>
        DatabaseSetup.Migrate<ExecutorDb>(options, ExecutorDb.Schema, x => new(x), stop);

    public override void Configure(IServiceCollection services, ServiceProcess process)
    {
        var settings = process.Settings;
        services.AddSingleton(ExecutorOptions.From(settings.Jobs, process.Name, process.Url));
        if (FunctionServerOptions.From(settings.Jobs, settings.Functions) is { } functionServer)
            services.AddSingleton(functionServer);
        else
            services.AddSingleton(RuntimeOptions.From(settings.Jobs, settings.Functions));
        services.AddSingleton(new FunctionOptions { Folder = Path.Combine(process.Data, "functions") });
    }

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
                message => publisher.Value.Publish(message), provider.GetRequiredService<InternalCalls>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IdSource>(), provider.GetRequiredService<ILoggerFactory>());
        });
        services.AddSingleton(provider => new ProcessInstance(provider.GetRequiredService<ExecutorService>().Instance.Id.ToString()));
        services.AddSingleton(_ => FunctionSchema.Published());
        AddFunctions(services);
    }

    static void AddFunctions(IServiceCollection services)
    {
        services.TryAddSingleton(new FunctionOptions());
        services.AddSingleton<FunctionSecrets>().AddSingleton<FunctionJobs>().AddSingleton<FunctionTriggers>().AddSingleton<FunctionLoader>().AddSingleton<FunctionFleet>().AddSingleton<FunctionCalls>();
        services.TryAddSingleton(provider =>
        {
            var jobs = provider.GetRequiredService<FunctionJobs>();
            // The fleet loads what deployments make: it may not be asked for here already.
            var fleet = new Lazy<FunctionFleet>(provider.GetRequiredService<FunctionFleet>);
            return new DeploymentSteps((command, stop) => fleet.Value.Build(command, stop), jobs.Apply, jobs.Check, provider.GetRequiredService<FunctionTriggers>().Apply);
        });
        services.AddSingleton(provider => new FunctionService(
            provider.GetRequiredService<FunctionOptions>(), DatabaseOf(provider), provider.GetRequiredService<DeploymentSteps>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IdSource>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<FunctionServer>().AddSingleton<RemoteFunctionFleet>().AddSingleton<FunctionForwarding>();
        services.AddSingleton(provider => new HealthContribution("functions", _ => Task.FromResult(
            CallsFunctions(provider) ? provider.GetRequiredService<FunctionServer>().Reachable switch { true => HealthContribution.Ok, false => "unreachable", null => "starting" }
            : !RunsFunctions(provider) || provider.GetRequiredService<FunctionFleet>().Containment is not null ? HealthContribution.Ok : "starting"))
        {
            Detail = () => CallsFunctions(provider) ? FunctionServerView.Of(provider.GetRequiredService<FunctionServer>())
                : RunsFunctions(provider) ? provider.GetRequiredService<FunctionFleet>().Containment : null,
        });
    }

    /// <summary>A host that was told of another installation calls the functions of that one, and keeps none.</summary>
    static bool CallsFunctions(IServiceProvider services) => services.GetService<FunctionServerOptions>() is not null;

    /// <summary>A host that was given no settings of a runtime keeps deployments, and leaves running them to other executors.</summary>
    static bool RunsFunctions(IServiceProvider services) => services.GetService<RuntimeOptions>() is not null;

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
        if (RunsFunctions(services))
        {
            services.GetRequiredService<FunctionService>().Endpoints.Map(endpoints);
            services.GetRequiredService<FunctionCalls>().Map(endpoints);
        }
        else if (CallsFunctions(services))
            services.GetRequiredService<FunctionForwarding>().Map(endpoints);

        endpoints.MapExports((org, stop) => RunsFunctions(services) ? services.GetRequiredService<FunctionService>().Registry.Exports(org, stop)
            : CallsFunctions(services) ? services.GetRequiredService<FunctionServer>().Live(org, stop)
            : Task.FromResult<string[]>([]));
        endpoints.MapRuns(DatabaseOf(services), services.GetRequiredService<TimeProvider>());
    }

    public override async Task Start(IServiceProvider services, CancellationToken stop)
    {
        var executor = services.GetRequiredService<ExecutorService>();
        if (RunsFunctions(services))
        {
            var fleet = services.GetRequiredService<FunctionFleet>();
            await fleet.Start(stop);
            executor.Functions = fleet;
        }
        else if (CallsFunctions(services))
        {
            var fleet = services.GetRequiredService<RemoteFunctionFleet>();
            fleet.Start();
            executor.Functions = fleet;
        }

        await executor.Start(stop);
    }

    public override Task Stop(IServiceProvider services, CancellationToken stop) => services.GetRequiredService<ExecutorService>().Stop();

    static ServiceDatabase DatabaseOf(IServiceProvider services) => services.GetRequiredKeyedService<ServiceDatabase>(ExecutorDb.Schema);
}
