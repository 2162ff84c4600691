using Microsoft.Extensions.Logging;

namespace ReactorJobs.Ingress.Webhooks.Deliveries;

/// <summary>Deletes deliveries past their time, and what a killed process left too many of, trigger by trigger and in small batches.</summary>
public sealed partial class DeliveryRetention(DeliveryStore store, TimeProvider time, ILogger<DeliveryRetention> logger)
{
    static readonly TimeSpan Period = TimeSpan.FromHours(1);

    readonly CancellationTokenSource stopping = new();
    Task running = Task.CompletedTask;

    public void Start() => running = Task.Run(Repeat);

    public async Task Stop()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task Round(CancellationToken stop)
    {
        var oldest = time.GetUtcNow() - DeliveryStore.Kept;
        foreach (var (org, trigger) in await store.Hooks(stop))
        {
            await store.DeleteBefore(org, trigger, oldest, stop);
            await store.Trim(org, trigger, stop);
        }
    }

    async Task Repeat()
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await Round(stopping.Token);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // The next round does what this one could not.
                RoundFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping.Token));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleting old deliveries of webhooks failed and is tried again: {Reason}")]
    partial void RoundFailed(string reason);
}
