using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Database;

namespace ReactorJobs.Hosting.Modules;

/// <summary>
/// One service: what it registers, what it consumes, what it serves. A host is a list of these; the embedded host lists all four, each
/// service program lists one.
/// </summary>
public abstract class ServiceModule
{
    /// <summary>The service's name, its schema, and the prefix of its queues.</summary>
    public abstract string Name { get; }

    /// <summary>Creates what the service keeps in the database, or brings it up to date.</summary>
    public abstract Task Migrate(DatabaseOptions options, CancellationToken stop);

    /// <summary>Registers the service's options, from what its process was given.</summary>
    public virtual void Configure(IServiceCollection services, ServiceProcess process)
    {
    }

    public abstract void AddServices(IServiceCollection services, DatabaseOptions database);

    public virtual void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services)
    {
    }

    public virtual void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }

    /// <summary>Starts the service's own loops, after the bus.</summary>
    public virtual Task Start(IServiceProvider services, CancellationToken stop) => Task.CompletedTask;

    /// <summary>Ends them, before the bus.</summary>
    public virtual Task Stop(IServiceProvider services, CancellationToken stop) => Task.CompletedTask;
}
