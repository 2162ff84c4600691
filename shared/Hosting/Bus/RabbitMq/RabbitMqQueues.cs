using MassTransit;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Bus.RabbitMq;

/// <summary>
/// How every queue is declared: a quorum queue, named after who reads it and what is in it. What cannot be read, and what has been delivered
/// too often, goes to the queue's own <c>.poison</c>; a queue that belongs to one start of a process goes when that has been away for a while.
/// </summary>
static class RabbitMqQueues
{
    const string Poison = ".poison";
    const int DeliveryLimit = 20;

    /// <summary>How long the queue of one start of a process outlives its last reader.</summary>
    public static readonly TimeSpan OwnQueueExpires = TimeSpan.FromMinutes(10);

    public static void Configure(IRabbitMqBusFactoryConfigurator bus)
    {
        bus.ConnectEndpointConfigurationObserver(new EveryQueue());
        bus.SendTopology.ErrorQueueNameFormatter = new PoisonNames();
        bus.SendTopology.DeadLetterQueueNameFormatter = new PoisonNames();
        // They begin as a copy of the endpoint's own queue, whose poison they are.
        bus.SendTopology.ConfigureErrorSettings = AsPoison;
        bus.SendTopology.ConfigureDeadLetterSettings = AsPoison;
    }

    static void AsPoison(IRabbitMqQueueConfigurator queue)
    {
        queue.SetQuorumQueue();
        queue.SetQueueArgument("x-delivery-limit", null!);
        queue.SetQueueArgument("x-dead-letter-exchange", null!);
        queue.QueueExpiration = null;
    }

    sealed class EveryQueue : IEndpointConfigurationObserver
    {
        public void EndpointConfigured<T>(T configurator) where T : IReceiveEndpointConfigurator
        {
            if (configurator is not IRabbitMqReceiveEndpointConfigurator endpoint)
                return;
            var name = endpoint.InputAddress.Segments[^1];
            endpoint.SetQuorumQueue();
            endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
            if (Queues.IsOneStarts(name))
            {
                endpoint.QueueExpiration = OwnQueueExpires;
                endpoint.DiscardFaultedMessages();
                endpoint.DiscardSkippedMessages();
            }
            else
                endpoint.BindDeadLetterQueue(name + Poison, name + Poison, AsPoison);
        }
    }

    sealed class PoisonNames : IErrorQueueNameFormatter, IDeadLetterQueueNameFormatter
    {
        public string FormatErrorQueueName(string queueName) => queueName + Poison;

        public string FormatDeadLetterQueueName(string queueName) => queueName + Poison;
    }
}
