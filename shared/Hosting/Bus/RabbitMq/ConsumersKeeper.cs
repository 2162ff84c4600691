using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ReactorJobs.Hosting.Bus.RabbitMq;

/// <summary>
/// Brings consumers back that have not come back by themselves. MassTransit's wait between attempts grows with each loss of the connection to
/// half a minute and does not shrink again; after some failures, such as a refused password, they are not tried again at all; and one that has
/// lost its channel while a delivery does not end is called healthy. So what counts is <see cref="ConsumerChannels"/>. The publisher's
/// connection tells that RabbitMQ is there: then they are started anew, and so is one that has a channel and hears nothing. Where that does not
/// help, the process gives up: another one begins with connections of its own.
/// </summary>
sealed class ConsumersKeeper(
    IBusControl bus, ConsumerChannels channels, RabbitMqPublisher publisher, BusHearing hearing, Action giveUp, TimeProvider time, ILogger<ConsumersKeeper> logger) : BackgroundService
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long the broker has to be there while a consumer is not: a start takes well under a second.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    /// <summary>Several starts, each with its stop.</summary>
    static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        var missing = new Dictionary<Uri, Missing>();
        while (await timer.WaitForNextTickAsync(stoppingToken))
            // The bus's own endpoint is for replies, which nobody here asks for: it has no consumer.
            foreach (var endpoint in bus.CheckHealth().Endpoints.Values.Where(x => x.ReceiveEndpoint is not null && x.InputAddress != bus.Address))
                if (!publisher.IsConnected || IsThere(endpoint))
                    missing.Remove(endpoint.InputAddress);
                else if (!missing.TryGetValue(endpoint.InputAddress, out var late))
                    missing.Add(endpoint.InputAddress, new(time.GetTimestamp()));
                else if (time.GetElapsedTime(late.Since) > LastPatience)
                {
                    logger.LogCritical("RabbitMQ is there, and nothing brings the consumer of {Queue} back: this process ends, to be started again", endpoint.InputAddress.AbsolutePath);
                    giveUp();
                    return;
                }
                else if (late.Start.IsCompleted && time.GetElapsedTime(late.Tried) > Patience)
                {
                    // None waits for another's stop.
                    late.Start = StartAnew(endpoint, late, stoppingToken);
                }
    }

    bool IsThere(EndpointHealthResult endpoint) =>
        endpoint.Status == BusHealthStatus.Healthy && channels.IsOpen(endpoint.InputAddress) && !(hearing.IsDeaf && endpoint.InputAddress.Segments[^1] == hearing.Queue);

    async Task StartAnew(EndpointHealthResult endpoint, Missing late, CancellationToken stop)
    {
        logger.LogWarning("RabbitMQ is there and nobody reads {Queue}, which MassTransit calls {Status}: its consumer is started anew", endpoint.InputAddress.AbsolutePath, endpoint.Status);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(StopPatience);
            await endpoint.ReceiveEndpoint.Stop(patience.Token).WaitAsync(2 * StopPatience, time, stop);
            endpoint.ReceiveEndpoint.Start(stop);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            logger.LogWarning("It did not start and is tried again: {Reason}", exception.Message);
        }

        late.Tried = time.GetTimestamp();
    }

    /// <param name="since">A timestamp, as all here.</param>
    sealed class Missing(long since)
    {
        public long Since { get; } = since;
        public long Tried { get; set; } = since;
        public Task Start { get; set; } = Task.CompletedTask;
    }
}
