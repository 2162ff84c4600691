using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Events.CatchUps;
using ReactorJobs.Events.Changes;
using ReactorJobs.Events.Deliveries;
using ReactorJobs.Events.Events;
using ReactorJobs.Events.Orgs;
using ReactorJobs.Events.Refusals;
using ReactorJobs.Events.Replays;
using ReactorJobs.Events.Retention;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;
using ReactorJobs.Events.Sql;
using ReactorJobs.Events.Subscriptions;
using ReactorJobs.Events.Watches;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Health;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Events;

/// <summary>Stores events and starts the runs of the jobs that subscribed to their topics.</summary>
public sealed class EventsModule : ServiceModule
{
    const int ConcurrentEvents = 64;

    public override string Name => EventsDb.Name;

    public override Task Migrate(DatabaseOptions options, CancellationToken stop) =>
        DatabaseSetup.Migrate<EventsDb>(options, Name, db => new EventsDb(db), stop);

    public override void Configure(IServiceCollection services, ServiceProcess process)
    {
        services.AddSingleton(EventsOptions.From(process.Settings.Jobs));
        services.AddSingleton(new WatchedDatabases([.. process.Settings.WatchedDatabases.Select(WatchedDatabase.From)]));
    }

    public override void AddServices(IServiceCollection services, DatabaseOptions database)
    {
        services.TryAddSingleton(new EventsOptions());
        services.AddKeyedSingleton(Name, (_, _) => new ServiceDatabase(database, Name));
        // The publisher is asked for when there is something to publish: it needs the bus, which needs the consumer, which needs this.
        services.AddKeyedSingleton(Name, (provider, _) => new Outbox(
            message => provider.GetRequiredService<BusPublisher>().Publish(message), provider.GetRequiredService<ILoggerFactory>().CreateLogger("Events.Outbox")));
        services.AddSingleton<IEventStore>(provider => new PostgresEventStore(Database(provider)));
        services.AddSingleton(provider => new EventRouter(
            provider.GetRequiredService<IEventStore>(), OutboxOf(provider), provider.GetRequiredService<IdSource>(), Time(provider),
            provider.GetRequiredService<ILogger<EventRouter>>()));
        services.AddSingleton(provider => new OutboxUpkeep(provider.GetRequiredService<IEventStore>(), OutboxOf(provider), Time(provider)));
        services.AddSingleton(provider => new EventRetention(Database(provider), provider.GetRequiredService<EventsOptions>(), Time(provider)));
        services.AddSingleton(provider => new EventCatchUps(
            Database(provider), OutboxOf(provider), provider.GetRequiredService<OutboxUpkeep>(), provider.GetRequiredService<IdSource>(), Time(provider)));
        services.AddSingleton(provider => new EventReplays(
            Database(provider), OutboxOf(provider), provider.GetRequiredService<IdSource>().Next, Time(provider)));
        services.AddSingleton(provider => new SqlIntake(
            Database(provider), OutboxOf(provider), provider.GetRequiredService<IdSource>(), Time(provider), provider.GetRequiredService<ILogger<SqlIntake>>()));
        services.AddSingleton(provider => new SqlRoles(Database(provider)));
        services.AddSingleton(provider => new RefusalRegister(Database(provider), Time(provider)));
        services.AddSingleton<KnownOrgs>();
        AddWatches(services);
        services.AddSingleton<EventUpkeep>();
    }

    static void AddWatches(IServiceCollection services)
    {
        services.TryAddSingleton(new WatchedDatabases([]));
        services.AddSingleton(provider => new WatchStore(Database(provider), Time(provider)));
        services.AddSingleton(provider => new ChangeIntake(Database(provider), OutboxOf(provider), provider.GetRequiredService<IdSource>(), Time(provider)));
        services.AddSingleton(provider => new DataTriggers(
            provider.GetRequiredService<WatchedDatabases>(), provider.GetRequiredService<WatchStore>(), provider.GetRequiredService<IdSource>(), Time(provider),
            () => provider.GetRequiredService<WatchReaders>().Wake(), provider.GetRequiredService<ILogger<DataTriggers>>()));
        services.AddSingleton<WatchReaders>();
        services.AddSingleton(provider => new HealthContribution("data", _ => Task.FromResult(provider.GetRequiredService<WatchReaders>().Health())));
    }

    /// <summary>Bound to the contract's own exchange as well: any service may publish an event without knowing this queue.</summary>
    public override void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services)
    {
        TakeRefusals(bus, services);
        bus.ReceiveEndpoint(Queues.Events, endpoint =>
        {
            endpoint.ConcurrentMessageLimit = ConcurrentEvents;
            endpoint.PrefetchCount = 2 * ConcurrentEvents;
            endpoint.PublishFaults = false;
            // The message alone, without the envelope, where it says application/json.
            endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType);
            endpoint.Instance(new EventConsumer(services.GetRequiredService<EventRouter>(), services.GetRequiredService<KnownOrgs>(), Time(services)));
        });
    }

    static void TakeRefusals(IBusFactoryConfigurator bus, IServiceProvider services) =>
        bus.ReceiveEndpoint(Queues.Refusals, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PublishFaults = false;
            endpoint.Handler<StartsRefused>(context => StoreUnavailable.Outlast(
                () => services.GetRequiredService<RefusalRegister>().Keep(context.Message), Time(services), context.CancellationToken));
        });

    public override void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapEvents();
        endpoints.MapReplays();
        endpoints.MapSubscriptions();
        endpoints.MapSqlRoles();
        endpoints.MapRefusals();
        endpoints.MapDataTriggers();
        endpoints.MapWatches();
    }

    public override Task Start(IServiceProvider services, CancellationToken stop)
    {
        services.GetRequiredService<EventUpkeep>().Start();
        return Task.CompletedTask;
    }

    /// <summary>The router goes on until the bus has handed over what it holds; it ends with the container.</summary>
    public override Task Stop(IServiceProvider services, CancellationToken stop) => services.GetRequiredService<EventUpkeep>().Stop();

    static ServiceDatabase Database(IServiceProvider services) => services.GetRequiredKeyedService<ServiceDatabase>(EventsDb.Name);

    static Outbox OutboxOf(IServiceProvider services) => services.GetRequiredKeyedService<Outbox>(EventsDb.Name);

    static TimeProvider Time(IServiceProvider services) => services.GetRequiredService<TimeProvider>();
}
