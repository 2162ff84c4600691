using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Bus.RabbitMq;

/// <summary>
/// A broker can be wiped, and a message that it had confirmed is gone then. What nobody would miss, an event or the start of a run, stays
/// in its outbox until its consumer has committed it and said so: by a receipt, 16 bytes of the message's id, to the sender's own queue.
/// </summary>
sealed class Receipts(TimeProvider time) : IReceiveObserver
{
    /// <summary>Of a message: the queue that its receipt goes to.</summary>
    public const string Header = "reactor-receipts";
    public const int IdBytes = 16;

    /// <summary>A receipt can be lost with its consumer's connection; then the message is sent again, and its consumer knows it.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly ConcurrentDictionary<Guid, Publication> awaited = new();
    readonly Channel<bool> owes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly Lock gate = new();
    Dictionary<string, MemoryStream> owed = new(StringComparer.Ordinal);

    /// <summary>Whether the sender must know that its consumer took it. Everything else is found missing by a reconciler.</summary>
    public static bool AreWantedFrom(string queue) => queue is Queues.Events or Queues.Starts or Queues.Refusals;

    public void Await(Publication publication) => awaited[publication.Message.Id] = publication;

    /// <summary>Receipts that have come in.</summary>
    public void Take(ReadOnlySpan<byte> ids)
    {
        for (; ids.Length >= IdBytes; ids = ids[IdBytes..])
            if (awaited.TryRemove(new Guid(ids[..IdBytes], bigEndian: true), out var publication))
                publication.Complete();
    }

    public void GiveUp(NotConfirmed reason)
    {
        foreach (var publication in awaited.Values)
            GiveUp(publication, reason);
    }

    public void GiveUpLate()
    {
        foreach (var publication in awaited.Values)
            if (time.GetElapsedTime(publication.At) > Patience)
                GiveUp(publication, new("No consumer has said that it took it."));
    }

    /// <summary>Completes when there are receipts to be sent.</summary>
    public async Task Owed(CancellationToken stop) => await owes.Reader.WaitToReadAsync(stop);

    /// <summary>Takes the receipts that are to be sent, as one body for each queue.</summary>
    public IReadOnlyDictionary<string, MemoryStream> TakeOwed()
    {
        lock (gate)
        {
            owes.Reader.TryRead(out _);
            var taken = owed;
            owed = new(StringComparer.Ordinal);
            return taken;
        }
    }

    void Owe(string queue, Guid message)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        message.TryWriteBytes(bytes, bigEndian: true, out _);
        lock (gate)
        {
            if (!owed.TryGetValue(queue, out var ids))
                owed[queue] = ids = new();
            ids.Write(bytes);
            owes.Writer.TryWrite(true);
        }
    }

    void GiveUp(Publication publication, NotConfirmed reason)
    {
        awaited.TryRemove(new(publication.Message.Id, publication));
        publication.Fail(reason);
    }

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    // Only after the consumer has committed; a message that failed or was skipped gets none.
    Task IReceiveObserver.PostReceive(ReceiveContext context)
    {
        if (context.IsDelivered && context.TransportHeaders.TryGetHeader(Header, out var queue) && queue is string name
            && context.TransportHeaders.TryGetHeader(MessageHeaders.MessageId, out var value) && Guid.TryParse(value as string, out var id))
            Owe(name, id);
        return Task.CompletedTask;
    }

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
}
