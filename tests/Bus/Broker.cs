using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using ReactorJobs.Contracts;
using ReactorJobs.Embedded.RabbitMq;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Tests.Bus;

/// <summary>A RabbitMQ for all tests of a class, kept as the suite keeps its own.</summary>
public sealed class Broker : IAsyncLifetime
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    readonly string folder = Directory.CreateTempSubdirectory("reactor-bus-").FullName;

    public BrokerKeeper Keeper { get; private set; } = null!;

    public async Task InitializeAsync() => Keeper = await BrokerKeeper.Start(new(folder), TimeProvider.System, new Progress<string>(), default).WaitAsync(Limit);

    public async Task DisposeAsync()
    {
        await Keeper.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public Task<IConnection> Connect() => new ConnectionFactory { Uri = Keeper.Amqp }.CreateConnectionAsync();

    /// <summary>The management API, for the user that the suite has or for another.</summary>
    public HttpClient Manage(string? user = null)
    {
        var client = new HttpClient { BaseAddress = Keeper.Management };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user ?? Keeper.User}:{Keeper.Password}")));
        return client;
    }

    /// <summary>What the server has logged.</summary>
    public string Log => File.ReadAllText(Path.Combine(folder, "logs", "rabbitmq.log"));

    /// <summary>What the management API says of the queues.</summary>
    public async Task<JsonElement[]> Queues()
    {
        using var client = Manage();
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/api/queues", UriKind.Relative)));
        return [.. document.RootElement.EnumerateArray().Select(x => x.Clone())];
    }

    /// <summary>A process of the suite, as far as the bus goes: it hears events, by whatever is given.</summary>
    public async Task<BusProcess> Process(string name, Func<EventEmitted, Task> hear)
    {
        var log = new Lines();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log)).AddSingleton(TimeProvider.System).AddSingleton(new IdSource(TimeProvider.System));
        services.AddBus(new(Keeper.Amqp, name), [new Listener(hear)]);
        var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IBusControl>();
        await bus.StartAsync();
        var hosted = provider.GetServices<IHostedService>().OfType<BackgroundService>().ToArray();
        foreach (var service in hosted)
            await service.StartAsync(default);
        return new(provider, bus, hosted, log);
    }

    public static async Task Until(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, $"It did not come about that {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>A publisher that serves; until then it fails what it is given.</summary>
    public static async Task<BusPublisher> Publisher(BusProcess process)
    {
        var publisher = process.Services.GetRequiredService<BusPublisher>();
        var ids = process.Services.GetRequiredService<IdSource>();
        await Until("the publisher serves", async () =>
        {
            try
            {
                await publisher.Send(OutboxMessage.For(ids.Next(), "acme", "nowhere", new CancelAttempt("acme", default, 1, "cancelled")));
                return true;
            }
            catch (NotConfirmed reason)
            {
                return reason.Message.Contains("no queue", StringComparison.Ordinal);
            }
        });
        return publisher;
    }

    public sealed class BusProcess(ServiceProvider services, IBusControl bus, IReadOnlyList<IHostedService> hosted, IEnumerable<string> log) : IAsyncDisposable
    {
        /// <summary>What it has logged up to now.</summary>
        public IEnumerable<string> Log => log;

        public IServiceProvider Services => services;

        public IBus Bus => bus;

        public async ValueTask DisposeAsync()
        {
            foreach (var service in hosted)
                await service.StopAsync(default);
            await bus.StopAsync();
            await services.DisposeAsync();
        }
    }

    sealed class Lines : ConcurrentQueue<string>, ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    sealed class Listener(Func<EventEmitted, Task> hear) : ServiceModule
    {
        public override string Name => "events";

        public override Task Migrate(DatabaseOptions options, CancellationToken stop) => Task.CompletedTask;

        public override void AddServices(IServiceCollection services, DatabaseOptions database)
        {
        }

        public override void AddConsumers(IBusFactoryConfigurator bus, IServiceProvider services) => bus.ReceiveEndpoint(Contracts.Queues.Events, endpoint =>
        {
            endpoint.PublishFaults = false;
            endpoint.Handler<EventEmitted>(context => hear(context.Message));
        });
    }
}
