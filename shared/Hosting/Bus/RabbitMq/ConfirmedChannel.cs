using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ReactorJobs.Hosting.Bus.RabbitMq;

/// <summary>
/// One channel that publishes straight to queues and tracks the broker's confirms itself: the client's own tracking allows 128 in flight.
/// Used by one publisher at a time.
/// </summary>
sealed class ConfirmedChannel(IChannel channel, TimeProvider time)
{
    readonly ConcurrentDictionary<ulong, Publication> pending = new();
    ulong published;
    ulong confirmed;
    long busySince;

    /// <summary>How long the oldest publication has waited for its confirm, or the current one for the socket.</summary>
    public TimeSpan Oldest
    {
        get
        {
            var since = Volatile.Read(ref busySince);
            foreach (var publication in pending.Values)
                since = since == 0 ? publication.At : Math.Min(since, publication.At);
            return since == 0 ? TimeSpan.Zero : time.GetElapsedTime(since);
        }
    }

    public static async Task<ConfirmedChannel> Open(IConnection connection, TimeProvider time, CancellationToken stop)
    {
        var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), stop);
        var opened = new ConfirmedChannel(channel, time);
        channel.BasicAcksAsync += (_, ack) => opened.Confirm(ack.DeliveryTag, ack.Multiple, null);
        channel.BasicNacksAsync += (_, nack) => opened.Confirm(nack.DeliveryTag, nack.Multiple, new NotConfirmed("RabbitMQ has refused it."));
        channel.BasicReturnAsync += opened.Returned;
        return opened;
    }

    public async Task Publish(Publication publication, string? receipts, CancellationToken stop)
    {
        publication.At = time.GetTimestamp();
        Volatile.Write(ref busySince, publication.At);
        pending[++published] = publication;
        var message = publication.Message;
        var properties = new BasicProperties { MessageId = message.Id.ToString(), ContentType = OutboxMessage.ContentType, Persistent = true };
        if (receipts is not null)
            properties.Headers = new Dictionary<string, object?> { [Receipts.Header] = receipts };
        await channel.BasicPublishAsync("", message.Queue, mandatory: true, properties, message.Body, stop);
        Volatile.Write(ref busySince, 0);
    }

    /// <summary>What was not confirmed when the channel ended: the broker may have it or not.</summary>
    public void FailPending(NotConfirmed reason)
    {
        foreach (var number in pending.Keys)
            if (pending.TryRemove(number, out var publication))
                publication.Fail(reason);
    }

    // Comes before the confirm of the same message.
    Task Returned(object sender, BasicReturnEventArgs returned)
    {
        if (Guid.TryParse(returned.BasicProperties.MessageId, out var id))
            foreach (var publication in pending.Values)
                if (publication.Message.Id == id)
                    publication.Fail(new($"There is no queue {returned.RoutingKey}."));
        return Task.CompletedTask;
    }

    Task Confirm(ulong number, bool multiple, NotConfirmed? refusal)
    {
        var first = multiple ? confirmed + 1 : number;
        for (var next = first; next <= number; next++)
            if (pending.TryRemove(next, out var publication))
                if (refusal is null)
                    publication.Confirm();
                else
                    publication.Fail(refusal);
        if (multiple)
            confirmed = number;
        return Task.CompletedTask;
    }
}

/// <summary>A message on its way to the broker.</summary>
/// <param name="onConfirmed">Called when the broker has it; it alone decides when the publication is done.</param>
sealed class Publication(OutboxMessage message, Action<Publication>? onConfirmed)
{
    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OutboxMessage Message => message;
    public long At { get; set; }
    public Task Done => done.Task;

    /// <summary>Whether a consumer's receipt is waited for, beyond the broker's confirm.</summary>
    public bool WantsReceipt => onConfirmed is not null;

    public void Confirm()
    {
        if (onConfirmed is null)
            done.TrySetResult();
        else if (!done.Task.IsCompleted)
            onConfirmed(this);
    }

    public void Complete() => done.TrySetResult();

    public void Fail(NotConfirmed reason) => done.TrySetException(reason);
}
