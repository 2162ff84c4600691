using MassTransit;
using MassTransit.Saga;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Cron;
using ReactorJobs.Scheduler.DeadLetters;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Following;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Reaction;
using ReactorJobs.Scheduler.Reconciling;
using ReactorJobs.Scheduler.Resources;
using ReactorJobs.Scheduler.Retention;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.ScheduledFunctions;
using ReactorJobs.Scheduler.Targets;
using ReactorJobs.Scheduler.Timers;
using ReactorJobs.Scheduler.Triggers;
using ReactorJobs.Scheduler.Webhooks;

namespace ReactorJobs.Scheduler;

/// <summary>Jobs, triggers, runs, timers, dead letters.</summary>
public sealed class SchedulerModule : ServiceModule
{
    readonly RunStateMachine machine = new();

    public override string Name => SchedulerDb.Schema;

    public override Task Migrate(DatabaseOptions options, CancellationToken stop) =>
        DatabaseSetup.Migrate<SchedulerDb>(options, SchedulerDb.Schema, x => new SchedulerDb(x), stop);

    public override void Configure(IServiceCollection services, ServiceProcess process) =>
        services.AddSingleton(SchedulerOptions.From(process.Settings.Jobs, process.Name));

    public override void AddServices(IServiceCollection services, DatabaseOptions database)
    {
        services.TryAddSingleton(new SchedulerOptions());
        services.AddKeyedSingleton(Name, (_, _) => new ServiceDatabase(database, Name));
        services.AddKeyedSingleton(Name, (x, _) => new Outbox(x.GetRequiredService<BusPublisher>().Publish, x.GetRequiredService<ILogger<Outbox>>()));
        services.AddSingleton<Capacity>().AddSingleton<Backlog>().AddSingleton<Dispatcher>().AddSingleton<RunFollowers>();
        services.AddSingleton<IRunStore>(x => new PostgresRunStore(Database(x)));
        services.AddSingleton(x => new TimerWheel(
            x.GetRequiredService<IRunStore>(), x.GetRequiredService<SchedulerOptions>(), x.GetRequiredService<TimeProvider>(), timer => x.GetRequiredService<RunInbox>().Post(Due(timer))));
        services.AddSingleton(x => new RunGroup(
            x.GetRequiredService<IRunStore>(), machine, x.GetRequiredService<Dispatcher>(), x.GetRequiredService<Capacity>(), x.GetRequiredService<Backlog>(),
            OutboxOf(x), x.GetRequiredService<BusPublisher>().Send, x.GetRequiredService<SchedulerOptions>(), x.GetRequiredService<IdSource>(),
            x.GetRequiredService<Random>(), x.GetRequiredService<TimeProvider>(), Shards.Of, committed =>
            {
                x.GetRequiredService<TimerWheel>().Add(committed.TimersSet);
                x.GetRequiredService<RunFollowers>().Tell(committed);
                x.GetRequiredService<OtherSchedulers>().Tell(committed);
                x.GetRequiredService<FireStarter>().Tell(committed);
            }));
        services.AddSingleton(x => new OtherSchedulers(
            x.GetRequiredService<IdSource>().Next(), x.GetRequiredService<Capacity>(), x.GetRequiredService<BusHearing>(), message => x.GetRequiredService<IBus>().Publish(message), x.GetRequiredService<ILogger<OtherSchedulers>>()));
        services.AddSingleton(x => new GroupLoop<RunItem>(
            x.GetRequiredService<SchedulerOptions>().GroupLimit, x.GetRequiredService<RunGroup>().Process, x.GetRequiredService<TimeProvider>(), x.GetRequiredService<ILogger<RunGroup>>()));
        services.AddSingleton<RunInbox>().AddSingleton<RunRepository>();
        services.AddSingleton(x => new RunStarts(
            x.GetRequiredService<RunInbox>(), Database(x), OutboxOf(x), x.GetRequiredService<IdSource>(), x.GetRequiredService<SchedulerOptions>(),
            x.GetRequiredService<TimeProvider>(), x.GetRequiredService<ILogger<RunStarts>>()));
        services.AddSingleton(x => new Reconciler(
            x.GetRequiredService<IRunStore>(), x.GetRequiredService<Capacity>(), x.GetRequiredService<Backlog>(), OutboxOf(x), x.GetRequiredService<BusHearing>(),
            x.GetRequiredService<SchedulerOptions>(), x.GetRequiredService<TimeProvider>(), x.GetRequiredService<RunInbox>().Post));
        services.AddSingleton(x => new RunRetention(Database(x), x.GetRequiredService<InternalCalls>(), x.GetRequiredService<TimeProvider>()));
        AddCron(services, database);
        services.AddSingleton<SchedulerLoops>();

        foreach (var name in JobSchemas.Names)
            services.AddSingleton(x => JobSchemas.Published(name, x.GetRequiredService<SchedulerOptions>()));
        services.AddSingleton(x => new JobRegistry(Database(x))).AddSingleton(x => new RunQueries(Database(x)));
        services.AddSingleton<EventSubscriptions>().AddSingleton<DataWatches>().AddSingleton<RunCancels>().AddSingleton<RunRetries>().AddSingleton<RunDetail>().AddSingleton<RunFollowing>();
        services.AddSingleton(x => new ScheduledFunctionQueries(Database(x))).AddSingleton<TargetRegistry>().AddSingleton<FunctionTriggers>().AddSingleton<ScheduledFunctionEndpoints>();
        services.AddSingleton<Hooks>().AddSingleton<WebhookRuns>();
        services.AddSingleton<ResourceStore>().AddSingleton<ComponentCode>().AddSingleton<DefinitionDeletion>().AddSingleton<ResourceEndpoints>().AddSingleton<ScheduledJobEndpoints>();
        services.AddSingleton(x => new ScheduledJobQueries(Database(x), x.GetRequiredService<JobRegistry>(), x.GetRequiredService<RunQueries>())).AddSingleton(x => new JobStatistics(Database(x)));
        services.AddSingleton<JobEndpoints>().AddSingleton<TriggerEndpoints>().AddSingleton<PreviewEndpoints>().AddSingleton<StartEndpoints>().AddSingleton<RunEndpoints>().AddSingleton<DeadLetterEndpoints>();
    }

    static void AddCron(IServiceCollection services, DatabaseOptions database)
    {
        services.AddLogging(x => x.AddFilter("Quartz", LogLevel.Warning));
        services.AddSingleton(x => new FireStore(Database(x)));
        services.AddSingleton(x => new FireStarter(
            x.GetRequiredService<FireStore>(), item => x.GetRequiredService<RunInbox>().Take(item), x.GetRequiredService<TimeProvider>(), x.GetRequiredService<ILogger<FireStarter>>()));
        services.AddSingleton(x => new CronFiring(
            x.GetRequiredService<FireStore>(), x.GetRequiredService<FireStarter>(), x.GetRequiredService<QuartzWakeUps>().Set, x.GetRequiredService<QuartzWakeUps>().Begin, x.GetRequiredService<TimeProvider>(), x.GetRequiredService<ILogger<CronFiring>>()));
        services.AddSingleton(x => new QuartzWakeUps(
            () => database.Connect(DatabaseOptions.ServiceRole(SchedulerDb.Schema), SchedulerDb.Schema, maxConnections: 6),
            $"{x.GetRequiredService<SchedulerOptions>().Name} {x.GetRequiredService<IdSource>().Next():N}", key => x.GetRequiredService<CronFiring>().Fire(key),
            x.GetRequiredService<TimeProvider>(), x.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(x => new TriggerRegistry(
            x.GetRequiredService<JobRegistry>(), x.GetRequiredService<EventSubscriptions>(), x.GetRequiredService<DataWatches>(), x.GetRequiredService<Hooks>(), x.GetRequiredService<QuartzWakeUps>().Set, x.GetRequiredService<IdSource>(), x.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FireEndpoints>();
        services.AddSingleton<ReactionJobs>().AddSingleton<ReactionJobEndpoints>();
    }

    public override void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services)
    {
        bus.ReceiveEndpoint(Queues.Attempts, endpoint =>
        {
            Hot(endpoint);
            endpoint.StateMachineSaga(machine, new SagaRepository<Run>(services.GetRequiredService<RunRepository>()));
        });
        bus.ReceiveEndpoint(Queues.Starts, endpoint =>
        {
            Hot(endpoint);
            endpoint.Handler<StartRun>(context => services.GetRequiredService<RunStarts>().Take(context.Message, context.CancellationToken));
        });
        var others = services.GetRequiredService<OtherSchedulers>();
        var hearing = services.GetRequiredService<BusHearing>();
        hearing.Queue = Queues.Advertisements(others.Self);
        bus.ReceiveEndpoint(hearing.Queue, endpoint =>
        {
            endpoint.PublishFaults = false;
            endpoint.Handler<ExecutorAdvertised>(context =>
            {
                hearing.Heard();
                return services.GetRequiredService<Reconciler>().Hear(context.Message);
            });
            endpoint.Handler<RunsEnded>(context => others.Hear(context.Message, ended =>
            {
                services.GetRequiredService<Reconciler>().Hear(ended);
                services.GetRequiredService<RunFollowers>().Tell(ended);
            }));
        });
    }

    public override void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<JobEndpoints>().Map(endpoints);
        services.GetRequiredService<TriggerEndpoints>().Map(endpoints);
        services.GetRequiredService<PreviewEndpoints>().Map(endpoints);
        services.GetRequiredService<FireEndpoints>().Map(endpoints);
        services.GetRequiredService<ReactionJobEndpoints>().Map(endpoints);
        services.GetRequiredService<StartEndpoints>().Map(endpoints);
        services.GetRequiredService<RunEndpoints>().Map(endpoints);
        services.GetRequiredService<WebhookRuns>().Map(endpoints);
        services.GetRequiredService<DeadLetterEndpoints>().Map(endpoints);
        services.GetRequiredService<ScheduledFunctionEndpoints>().Map(endpoints);
        services.GetRequiredService<FunctionTriggers>().Map(endpoints);
        services.GetRequiredService<ResourceEndpoints>().Map(endpoints);
        services.GetRequiredService<ScheduledJobEndpoints>().Map(endpoints);
    }

    public override Task Start(IServiceProvider services, CancellationToken stop)
    {
        services.GetRequiredService<SchedulerLoops>().Start();
        return Task.CompletedTask;
    }

    public override Task Stop(IServiceProvider services, CancellationToken stop) => services.GetRequiredService<SchedulerLoops>().Stop();

    static LocalItem<TimerDue> Due(RunTimer timer) => new(
        new(timer.OrgId, timer.Job), new(timer.OrgId, timer.RunId), new(timer.OrgId, timer.RunId, timer.Epoch, timer.DueAt), machine => machine.Due);

    // A group is as large as what may be unacknowledged. The in-memory transport has a reader for each such message, and wakes all idle ones
    // for every arrival: with a thousand of them that was 41 % of the CPU.
    static void Hot(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.ConcurrentMessageLimit = 128;
        endpoint.PrefetchCount = 256;
        endpoint.PublishFaults = false;
    }

    static ServiceDatabase Database(IServiceProvider services) => services.GetRequiredKeyedService<ServiceDatabase>(SchedulerDb.Schema);

    static Outbox OutboxOf(IServiceProvider services) => services.GetRequiredKeyedService<Outbox>(SchedulerDb.Schema);
}
