using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Executor.Recovery;

/// <summary>Publishes what a crash or a lost confirm left in the outbox.</summary>
public sealed class OutboxSweeper(IAttemptStore store, Outbox outbox, TimeProvider time)
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Younger rows are most likely on their way, from here or from another executor.</summary>
    static readonly TimeSpan Young = TimeSpan.FromSeconds(4);
    const int Most = 500;

    public async Task Sweep(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var left = await store.OutboxLeftovers(now - Young, now, Most, stop);
        outbox.Publish(left.Where(x => !outbox.IsUnderWay(x.Id)));
    }
}
