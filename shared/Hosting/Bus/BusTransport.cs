using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.Bus.InMemory;
using ReactorJobs.Hosting.Bus.RabbitMq;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Hosting.Modules;

namespace ReactorJobs.Hosting.Bus;

/// <summary>The bus of a host: MassTransit's consumers, and a publisher that knows the transport.</summary>
public static class BusTransport
{
    /// <summary>A payload as deep as the API takes it, and the message and its envelope around it: what cannot be read is given up.</summary>
    const int Deepest = 2 * Limits.Depth;

    public static IServiceCollection AddBus(this IServiceCollection services, BusOptions options, IReadOnlyList<ServiceModule> modules)
    {
        services.AddSingleton(provider => new BusHearing(provider.GetRequiredService<TimeProvider>()));
        if (options.RabbitMq is null)
            services.AddSingleton(provider => new InMemoryPublisher(provider.GetRequiredService<IBus>))
                .AddSingleton<BusPublisher>(provider => provider.GetRequiredService<InMemoryPublisher>());
        else
            services.AddSingleton(provider => new RabbitMqPublisher(
                    options, provider.GetRequiredService<IdSource>().Next(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RabbitMqPublisher>>()))
                .AddSingleton<BusPublisher>(provider => provider.GetRequiredService<RabbitMqPublisher>())
                .AddSingleton<ConsumerChannels>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (options.RabbitMq is { } rabbit)
                bus.UsingRabbitMq((context, configurator) =>
                {
                    configurator.Host(rabbit, options.Name, host => host.Heartbeat(TimeSpan.FromSeconds(10)));
                    RabbitMqQueues.Configure(configurator);
                    configurator.ConnectEndpointConfigurationObserver(context.GetRequiredService<ConsumerChannels>());
                    configurator.ConnectReceiveObserver(context.GetRequiredService<RabbitMqPublisher>().Receipts);
                    Consume(configurator, context);
                });
            else
                bus.UsingInMemory((context, configurator) =>
                {
                    configurator.ConnectReceiveObserver(context.GetRequiredService<InMemoryPublisher>());
                    configurator.ConnectEndpointConfigurationObserver(new NothingIsKept());
                    Consume(configurator, context);
                });
        });
        // After the bus, so that it begins when that has and ends before it does.
        if (options.RabbitMq is not null)
            services.AddHostedService(provider => new ConsumersKeeper(
                provider.GetRequiredService<IBusControl>(), provider.GetRequiredService<ConsumerChannels>(), provider.GetRequiredService<RabbitMqPublisher>(), provider.GetRequiredService<BusHearing>(),
                () => provider.GetRequiredService<IHostApplicationLifetime>().StopApplication(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ConsumersKeeper>>()));
        return services;

        void Consume(IBusFactoryConfigurator configurator, IBusRegistrationContext context)
        {
            configurator.ConfigureJsonSerializerOptions(options => options.MaxDepth == Deepest ? options : new(options) { MaxDepth = Deepest });
            foreach (var module in modules)
                module.AddConsumers(configurator, context);
        }
    }

    /// <summary>In memory there is nobody to look at a queue of errors, and what failed is still in its outbox.</summary>
    sealed class NothingIsKept : IEndpointConfigurationObserver
    {
        public void EndpointConfigured<T>(T configurator) where T : IReceiveEndpointConfigurator
        {
            configurator.DiscardFaultedMessages();
            configurator.DiscardSkippedMessages();
        }
    }
}
