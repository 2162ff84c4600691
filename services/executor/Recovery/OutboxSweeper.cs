using ReactorJobs.Executor.Attempts;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Executor.Recovery;

/// <summary>Publishes what a crash or a lost confirm left in the outbox.</summary>
public sealed class OutboxSweeper(IAttemptStore store, Outbox outbox, TimeProvider time)
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Younger rows are most likely on their way, from here or from another executor.</summary>
    static readonly TimeSpan Young = TimeSpan.FromSeconds(4);
    const int Page = 500;

    /// <summary>What may be in publication before the sweeper waits for confirmations: a long backlog must not all be in memory.</summary>
    const int MostUnderWay = 5000;

    public async Task Sweep(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var after = Guid.Empty;
        for (; ; )
        {
            var page = await store.OutboxLeftovers(now - Young, now, after, Page, stop);
            outbox.Publish(page.Where(x => !outbox.IsUnderWay(x.Id)));
            if (page.Count < Page || outbox.UnderWay > MostUnderWay)
                return;
            after = page[^1].Id;
        }
    }
}
