namespace ReactorJobs.Hosting.Bus;

/// <summary>Hands serialized messages to the transport: the one within the process, or RabbitMQ.</summary>
public abstract class BusPublisher
{
    /// <summary>Completes when the message is confirmed; fails when it is known not to be, or may not be.</summary>
    public abstract Task Publish(OutboxMessage message);

    /// <summary>Sends, and does not wait for more than the transport's own acceptance: for what is sent again when nothing comes of it.</summary>
    public abstract Task Send(OutboxMessage message);
}

/// <summary>A message could not be handed over, or nobody has confirmed it. It stays in its outbox and is sent again.</summary>
public sealed class NotConfirmed(string reason) : Exception(reason);
