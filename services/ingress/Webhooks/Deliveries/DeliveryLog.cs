using Microsoft.Extensions.Logging;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Ingress.Webhooks.Deliveries;

/// <summary>
/// Writes the log of deliveries behind the senders' backs, in groups: what came to a process is in the log within a fraction of a second, and is
/// lost with a process that is killed before. The runs are not: they were committed before the answer.
/// </summary>
public sealed class DeliveryLog : IAsyncDisposable
{
    const int GroupLimit = 200;

    /// <summary>Nobody waits: so long a group gathers, which bounds the commits however much comes in.</summary>
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    /// <summary>Bodies that wait for a database that is slow or away; what is above is logged without its body.</summary>
    const long MostPendingBytes = 64 << 20;

    readonly DeliveryStore store;
    readonly RefusalAllowance allowance;
    readonly TimeProvider time;
    readonly GroupLoop<Item> loop;
    readonly Dictionary<(string, string), int> sinceTrim = [];
    long pending;

    public DeliveryLog(DeliveryStore store, RefusalAllowance allowance, TimeProvider time, ILogger<DeliveryLog> logger)
    {
        (this.store, this.allowance, this.time) = (store, allowance, time);
        loop = new(GroupLimit, Process, time, logger);
    }

    public void Write(Delivery delivery)
    {
        if (!Verdicts.IsTrusted(delivery.Verdict) && delivery.Body is null && !allowance.TryTake(delivery.OrgId, delivery.TriggerId))
            return;
        var size = delivery.Body?.Length ?? 0;
        if (Interlocked.Add(ref pending, size) > MostPendingBytes && size > 0)
        {
            Interlocked.Add(ref pending, -size);
            (delivery, size) = (delivery with { Body = null }, 0);
        }

        loop.Post(new(delivery, () => Interlocked.Add(ref pending, -size)));
    }

    async Task Process(IReadOnlyList<Item> group)
    {
        if (group.Count < GroupLimit)
            await Task.Delay(Gathering, time);
        await store.Append([.. group.Select(x => x.Delivery)]);
        foreach (var trigger in group.GroupBy(x => (x.Delivery.OrgId, x.Delivery.TriggerId)))
        {
            var count = sinceTrim[trigger.Key] = sinceTrim.GetValueOrDefault(trigger.Key) + trigger.Count();
            if (count < DeliveryStore.MostOfTrigger / 4)
                continue;
            sinceTrim.Remove(trigger.Key);
            await store.Trim(trigger.Key.OrgId, trigger.Key.TriggerId, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => loop.DisposeAsync();

    sealed class Item(Delivery delivery, Action done) : IGroupItem
    {
        public Delivery Delivery => delivery;

        public bool IsPatient => true;

        public void Complete() => done();

        public void Fail(Exception exception) => done();
    }
}
