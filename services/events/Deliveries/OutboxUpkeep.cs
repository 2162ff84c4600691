using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Events.Deliveries;

/// <summary>
/// Looks after the outbox beside the groups: deletes what is confirmed when no group comes along to do it, and publishes again what a
/// crash or a broker left behind.
/// </summary>
public sealed class OutboxUpkeep(IEventStore store, Outbox outbox, TimeProvider time)
{
    public static readonly TimeSpan FlushPeriod = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(5);

    /// <summary>Younger rows are most likely being published by the process that wrote them.</summary>
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);
    const int Page = 500;

    /// <summary>What may be in publication before the sweeper waits for confirmations: a long backlog must not all be in memory.</summary>
    const int MostUnderWay = 5000;

    public async Task Flush(CancellationToken stop)
    {
        while (outbox.HasConfirmed && outbox.TakeConfirmed() is { Count: > 0 } confirmed)
            await DeleteConfirmed(confirmed, stop);
    }

    public async Task Sweep(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        var after = Guid.Empty;
        for (; ; )
        {
            var page = await store.Unconfirmed(now - Settled, after, Page, stop);
            var idle = page.Where(x => !outbox.IsUnderWay(x.Id)).ToArray();
            var expired = idle.Where(x => x.ExpiresAt <= now).Select(x => new OutboxKey(x.OrgId, x.Id)).ToArray();
            if (expired.Length > 0)
                await store.DeleteMessages(expired, stop);
            outbox.Publish(idle.Where(x => !(x.ExpiresAt <= now)));
            if (page.Count < Page || outbox.UnderWay > MostUnderWay)
                return;
            after = page[^1].Id;
        }
    }

    async Task DeleteConfirmed(List<OutboxKey> confirmed, CancellationToken stop)
    {
        try
        {
            await store.DeleteMessages(confirmed, stop);
        }
        catch
        {
            outbox.Return(confirmed);
            throw;
        }

        outbox.Forget(confirmed);
    }
}
