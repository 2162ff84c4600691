using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using ReactorJobs.Contracts;

namespace ReactorJobs.Hosting.Bus.RabbitMq;

/// <summary>
/// Publishes straight to queues, over a connection of its own: mandatory, so that a message without a queue is known, and confirmed. While
/// the broker is away a message fails at once, and its outbox keeps it; no call of the API waits for a broker.
/// </summary>
public sealed class RabbitMqPublisher : BusPublisher, IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    /// <summary>A broker under a disk or memory alarm keeps the connection and confirms nothing.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly BusOptions options;
    readonly TimeProvider time;
    readonly ILogger logger;
    readonly string ownQueue;
    readonly Receipts receipts;
    readonly Channel<Publication> waiting = Channel.CreateUnbounded<Publication>(new() { SingleReader = true });
    readonly CancellationTokenSource stopping = new();
    readonly Task running;
    volatile bool connected;

    /// <param name="instance">This start of the process; names its queue for receipts.</param>
    public RabbitMqPublisher(BusOptions options, Guid instance, TimeProvider time, ILogger<RabbitMqPublisher> logger)
    {
        (this.options, this.time, this.logger) = (options, time, logger);
        ownQueue = Queues.Receipts(options.Name, instance);
        receipts = new(time);
        running = Task.Run(Run);
    }

    internal Receipts Receipts => receipts;

    /// <summary>Whether RabbitMQ is there.</summary>
    public bool IsConnected => connected;

    public override Task Publish(OutboxMessage message) => Post(new(message, Receipts.AreWantedFrom(message.Queue) ? receipts.Await : null));

    public override Task Send(OutboxMessage message) => Post(new(message, null));

    Task Post(Publication publication)
    {
        if (!connected || !waiting.Writer.TryWrite(publication))
            publication.Fail(new("RabbitMQ is away."));
        return publication.Done;
    }

    async Task Run()
    {
        var isAway = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await Connect();
                if (isAway)
                    logger.LogInformation("RabbitMQ is back");
                isAway = false;
                await Serve(connection);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                if (!isAway)
                    logger.LogWarning("RabbitMQ does not answer and is tried again: {Reason}", exception.Message);
                isAway = true;
            }
            catch (Exception)
            {
                // Stopping.
            }

            connected = false;
            var away = new NotConfirmed("The connection to RabbitMQ has ended.");
            while (waiting.Reader.TryRead(out var publication))
                publication.Fail(away);
            receipts.GiveUp(away);
            await Task.Delay(Pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    Task<IConnection> Connect() => new ConnectionFactory
    {
        Uri = options.RabbitMq!,
        AutomaticRecoveryEnabled = false,
        RequestedHeartbeat = TimeSpan.FromSeconds(10),
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        ContinuationTimeout = TimeSpan.FromSeconds(5),
    }.CreateConnectionAsync($"{options.Name} (publishes)", stopping.Token);

    /// <summary>Until the connection ends, or confirms stay out.</summary>
    async Task Serve(IConnection connection)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        connection.ConnectionShutdownAsync += (_, _) => ended.CancelAsync();
        var confirmed = await ConfirmedChannel.Open(connection, time, ended.Token);
        var plain = await connection.CreateChannelAsync(cancellationToken: ended.Token);
        plain.ChannelShutdownAsync += (_, _) => ended.CancelAsync();
        await Listen(plain, ended.Token);
        connected = true;
        try
        {
            await Task.WhenAll(End(Pump(confirmed, ended.Token)), End(Watch(confirmed, ended.Token)), End(Acknowledge(plain, ended.Token)));
        }
        finally
        {
            connected = false;
            confirmed.FailPending(new("The connection to RabbitMQ has ended."));
            await connection.AbortAsync(Pause);
        }

        async Task End(Task part)
        {
            try
            {
                await part;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // Another part has ended, and this one with it.
            }
            finally
            {
                await ended.CancelAsync();
            }
        }
    }

    async Task Pump(ConfirmedChannel channel, CancellationToken stop)
    {
        await foreach (var publication in waiting.Reader.ReadAllAsync(stop))
            await channel.Publish(publication, publication.WantsReceipt ? ownQueue : null, stop);
    }

    async Task Watch(ConfirmedChannel channel, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(WatchEvery, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            receipts.GiveUpLate();
            if (channel.Oldest > Patience)
                throw new NotConfirmed("it has confirmed nothing for 10 s");
        }
    }

    /// <summary>Hears of what consumers took of this process's messages.</summary>
    async Task Listen(IChannel channel, CancellationToken stop)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-expires"] = (long)RabbitMqQueues.OwnQueueExpires.TotalMilliseconds };
        await channel.QueueDeclareAsync(ownQueue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: stop);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            receipts.Take(delivery.Body.Span);
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, stop);
        };
        await channel.BasicConsumeAsync(ownQueue, autoAck: false, consumer, stop);
    }

    /// <summary>Tells other processes what this one's consumers took; together for what came within a moment.</summary>
    async Task Acknowledge(IChannel channel, CancellationToken stop)
    {
        while (true)
        {
            await receipts.Owed(stop);
            await Task.Delay(Moment, time, stop);
            foreach (var (queue, ids) in receipts.TakeOwed())
                await channel.BasicPublishAsync("", queue, mandatory: false, ids.ToArray(), stop);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The container disposes of it under each type that it is known by.
        if (stopping.IsCancellationRequested)
            return;
        await stopping.CancelAsync();
        await running;
    }
}
