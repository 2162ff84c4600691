using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Tests.Simulation.Processes;

namespace ReactorJobs.Tests.Simulation.Faults;

/// <summary>The events service's store as one of its lives sees it.</summary>
public sealed class FaultyEventStore(IEventStore inner, Life life) : IEventStore
{
    FaultPlan Faults => life.Process.Faults;

    public async Task<RoutingDecision> Take(IReadOnlyList<EventEmitted> group, Func<RoutingFacts, RoutingDecision> decide, IReadOnlyList<OutboxKey> confirmed)
    {
        Faults.Group(group.Count);
        Faults.Before(life, "a commit");
        var decision = await inner.Take(group, decide, confirmed);
        Faults.After(life, "a commit");
        return decision;
    }

    public Task<Subscription> Subscribe(Subscription subscription, CancellationToken stop) => inner.Subscribe(subscription, stop);

    public Task<bool> Unsubscribe(string orgId, string triggerId, CancellationToken stop) => inner.Unsubscribe(orgId, triggerId, stop);

    public async Task<IReadOnlyList<OutboxMessage>> Unconfirmed(DateTimeOffset committedBefore, Guid after, int most, CancellationToken stop)
    {
        Faults.Before(life, "reading the outbox");
        return await inner.Unconfirmed(committedBefore, after, most, stop);
    }

    public async Task DeleteMessages(IReadOnlyList<OutboxKey> keys, CancellationToken stop)
    {
        Faults.Before(life, "deleting messages");
        await inner.DeleteMessages(keys, stop);
        Faults.After(life, "deleting messages");
    }
}
