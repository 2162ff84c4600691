using System.Collections.Concurrent;
using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace ReactorJobs.Hosting.Bus.InMemory;

/// <summary>
/// On the in-memory transport "confirmed" means that a consumer has committed the message: nothing else outlives the process there, so
/// anything less would lose it.
/// </summary>
/// <param name="bus">Asked for at the first message: the bus's own consumers are made with publishers at hand.</param>
public sealed class InMemoryPublisher(Func<IBus> bus) : BusPublisher, IReceiveObserver
{
    static readonly ContentType Json = new(OutboxMessage.ContentType);
    readonly ConcurrentDictionary<string, Task<ISendEndpoint>> endpoints = new();
    readonly ConcurrentDictionary<Guid, TaskCompletionSource> awaited = new();

    public override async Task Publish(OutboxMessage message)
    {
        var consumed = awaited.GetOrAdd(message.Id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await Send(message);
        await consumed.Task;
    }

    public override async Task Send(OutboxMessage message)
    {
        var endpoint = await endpoints.GetOrAdd(message.Queue, queue => bus().GetSendEndpoint(new Uri("queue:" + queue)));
        await endpoint.Send(Serialized.Instance, Pipe.Execute<SendContext<Serialized>>(context =>
        {
            context.MessageId = message.Id;
            context.Serializer = new CopyBodySerializer(Json, new BytesMessageBody(message.Body));
        }));
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostReceive(ReceiveContext context)
    {
        if (IdOf(context) is { } id && awaited.TryRemove(id, out var consumed))
            consumed.TrySetResult();
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
    {
        Fault(context.MessageId, exception);
        return Task.CompletedTask;
    }

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception)
    {
        Fault(IdOf(context), exception);
        return Task.CompletedTask;
    }

    void Fault(Guid? id, Exception exception)
    {
        if (id is { } known && awaited.TryRemove(known, out var consumed))
            consumed.TrySetException(exception);
    }

    static Guid? IdOf(ReceiveContext context) =>
        context.TransportHeaders.TryGetHeader(MessageHeaders.MessageId, out var value) && Guid.TryParse(value as string, out var id) ? id : null;

    // The body is the stored one; this type only names the send.
    sealed class Serialized
    {
        public static readonly Serialized Instance = new();
    }
}
