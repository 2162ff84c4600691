using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;

namespace ReactorJobs.Executor.Slots;

/// <summary>
/// Tells the schedulers what this executor can run: at the start, when it changes, and every two seconds. A change is told at once, and
/// further ones within a moment are told together.
/// </summary>
public sealed class Advertiser(ExecutorInstance instance, IAttemptStore store, Dispatcher dispatcher, Func<ExecutorAdvertised, Task> publish, TimeProvider time, ILogger logger)
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>A broker that is away is not waited for longer: what is advertised would be old.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    readonly Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    IReadOnlyList<Guid> replaced = [];

    public async Task Run(CancellationToken stop)
    {
        void Changed() => changes.Writer.TryWrite(true);
        dispatcher.PoolsChanged += Changed;
        await using var timer = time.CreateTimer(_ => Changed(), null, Every, Every);
        try
        {
            replaced = await Predecessors(stop);
            Changed();
            while (await changes.Reader.ReadAsync(stop))
            {
                await Tell(stopping: false);
                await Task.Delay(Moment, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Tell(stopping: true);
        }
        finally
        {
            dispatcher.PoolsChanged -= Changed;
        }
    }

    /// <summary>Without them the schedulers would not know whose attempts are lost, so nothing is told before the store has answered.</summary>
    async Task<IReadOnlyList<Guid>> Predecessors(CancellationToken stop)
    {
        while (true)
            try
            {
                return await store.Predecessors(instance, stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                logger.LogWarning("The executor's earlier starts could not be read: {Reason}", exception.Message);
                await Task.Delay(Every, time, stop);
            }
    }

    async Task Tell(bool stopping)
    {
        try
        {
            await publish(new(instance.Name, instance.Id, stopping ? [] : dispatcher.Pools(), stopping, (long)dispatcher.Uptime.TotalMilliseconds, replaced)).WaitAsync(Patience, time);
        }
        catch (Exception exception)
        {
            // The next one comes in two seconds.
            logger.LogWarning("The slots could not be advertised: {Reason}", exception.Message);
        }
    }
}
