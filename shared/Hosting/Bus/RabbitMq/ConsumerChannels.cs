using System.Collections.Concurrent;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace ReactorJobs.Hosting.Bus.RabbitMq;

/// <summary>
/// The channels that consumers are on. MassTransit's word for the health of an endpoint is the last thing that it was told of it; whether there
/// is a consumer at all is seen here: its pipe lasts as long as it does, and a channel knows that it is closed.
/// </summary>
sealed class ConsumerChannels : IEndpointConfigurationObserver
{
    readonly ConcurrentDictionary<Uri, IChannel> channels = new();

    public bool IsOpen(Uri endpoint) => channels.TryGetValue(endpoint, out var channel) && channel.IsOpen;

    public void EndpointConfigured<T>(T configurator) where T : IReceiveEndpointConfigurator
    {
        if (configurator is IRabbitMqReceiveEndpointConfigurator endpoint)
            endpoint.ConfigureChannel(pipe => pipe.UseFilter(new Around(channels, endpoint.InputAddress)));
    }

    sealed class Around(ConcurrentDictionary<Uri, IChannel> channels, Uri endpoint) : IFilter<ChannelContext>
    {
        public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
        {
            channels[endpoint] = context.Channel;
            try
            {
                await next.Send(context);
            }
            finally
            {
                channels.TryRemove(new(endpoint, context.Channel));
            }
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("consumerChannels");
    }
}
