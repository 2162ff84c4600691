using System.Threading.Channels;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Executor;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Tests.Executor;

/// <summary>A real executor on a real server, with a stand-in for the scheduler at the other end of the bus.</summary>
public sealed class ExecutorHost : IAsyncDisposable
{
    public const string Secret = "between-services";
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly WebApplication app;
    readonly Scheduler scheduler;

    ExecutorHost(WebApplication app, Scheduler scheduler)
    {
        (this.app, this.scheduler) = (app, scheduler);
        Url = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Executor = app.Services.GetRequiredService<ExecutorService>();
        Ids = app.Services.GetRequiredService<IdSource>();
    }

    public Uri Url { get; }
    public ExecutorService Executor { get; }
    public IdSource Ids { get; }
    public IServiceProvider Services => app.Services;

    public static async Task<ExecutorHost> Start(DatabaseOptions database, Func<ExecutorOptions, ExecutorOptions>? configure = null)
    {
        var scheduler = new Scheduler();
        var url = "http://127.0.0.1:" + FreePort();
        var options = new ExecutorOptions { Name = "executor-" + url, PublicUrl = url };
        var app = await ServiceHost.Start(new(url, database), [new ExecutorModule(), scheduler], services =>
        {
            services.AddSingleton(configure?.Invoke(options) ?? options);
            services.AddSingleton(new InternalCalls(new Uri(url), new Uri(url), new Uri(url), new Uri(url), Secret));
            services.AddSingleton<Authenticate>(http => http.Request.Headers.Authorization.ToString() is { Length: > 7 } header
                ? ValueTask.FromResult(new Caller(header["Bearer ".Length..], "test"))
                : throw new ReactorJobs.Hosting.Http.ProblemException(new(401, "unauthorized", "A token is needed.")));
        }, default);
        return new(app, scheduler);
    }

    static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public ExecuteRun NewRun(string handler = "h", string org = "acme", int epoch = 1, RunId? run = null, string payload = "{}", long timeoutMs = 60_000, long? asOf = null) =>
        new(org, run ?? Ids.NewRun(), epoch, epoch, 3, "job", handler, RawJson.Trusted(payload), RunTrigger.Manual, timeoutMs, default, AsOf: asOf);

    public async Task Send<T>(T message) where T : class
    {
        var endpoint = await app.Services.GetRequiredService<IBus>().GetSendEndpoint(new("queue:" + Queues.Executor(Executor.Instance.Id)));
        await endpoint.Send(message);
    }

    public async Task<AttemptFinished> Finished(ExecuteRun run) => (AttemptFinished)await Outcome(run);

    /// <summary>The next outcome of the attempt.</summary>
    public async Task<object> Outcome(ExecuteRun run)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var message in scheduler.Outcomes.Reader.ReadAllAsync(limit.Token))
            if (message is AttemptFinished finished && (finished.RunId, finished.Epoch) == (run.RunId, run.Epoch) ||
                message is AttemptSuspended suspended && (suspended.RunId, suspended.Epoch) == (run.RunId, run.Epoch))
                return message;
        throw new InvalidOperationException("The bus has ended.");
    }

    public async Task<ExecutorAdvertised> Advertised(Func<ExecutorAdvertised, bool> when)
    {
        using var limit = new CancellationTokenSource(Patience);
        await foreach (var message in scheduler.Advertisements.Reader.ReadAllAsync(limit.Token))
            if (when(message))
                return message;
        throw new InvalidOperationException("The bus has ended.");
    }

    public async Task<EventEmitted> Event()
    {
        using var limit = new CancellationTokenSource(Patience);
        return await scheduler.Events.Reader.ReadAsync(limit.Token);
    }

    public Task Stop() => ServiceHost.Stop(app, default);

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await app.DisposeAsync();
    }

    sealed class Scheduler : ServiceModule
    {
        public Channel<object> Outcomes { get; } = Channel.CreateUnbounded<object>();
        public Channel<ExecutorAdvertised> Advertisements { get; } = Channel.CreateUnbounded<ExecutorAdvertised>();
        public Channel<EventEmitted> Events { get; } = Channel.CreateUnbounded<EventEmitted>();

        public override string Name => "stand-in";

        public override Task Migrate(DatabaseOptions options, CancellationToken stop) => Task.CompletedTask;

        public override void AddServices(IServiceCollection services, DatabaseOptions database)
        {
        }

        public override void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services)
        {
            bus.ReceiveEndpoint(Queues.Attempts, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.ConcurrentMessageLimit = 200;
                endpoint.Handler<AttemptFinished>(context => Outcomes.Writer.WriteAsync(context.Message).AsTask());
                endpoint.Handler<AttemptSuspended>(context => Outcomes.Writer.WriteAsync(context.Message).AsTask());
            });
            bus.ReceiveEndpoint(Queues.Events, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Handler<EventEmitted>(context => Events.Writer.WriteAsync(context.Message).AsTask());
            });
            bus.ReceiveEndpoint("stand-in.slots", endpoint => endpoint.Handler<ExecutorAdvertised>(context => Advertisements.Writer.WriteAsync(context.Message).AsTask()));
        }
    }
}
