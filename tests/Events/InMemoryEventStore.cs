using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Tests.Events;

/// <summary>The events service's store without a database: every transaction is a moment under one lock.</summary>
public sealed class InMemoryEventStore : IEventStore
{
    readonly Lock gate = new();
    readonly Dictionary<EventKey, StoredEvent> events = [];
    readonly Dictionary<(string OrgId, string TriggerId), Subscription> subscriptions = [];
    readonly SortedDictionary<Guid, (OutboxMessage Message, DateTimeOffset CommittedAt)> messages = [];
    readonly List<Delivery> deliveries = [];

    /// <summary>Runs after a commit and before its caller hears of it; throwing makes the result of the commit unknown.</summary>
    public Action? AfterCommit { get; set; }

    public IReadOnlyList<StoredEvent> Events
    {
        get { lock (gate) return [.. events.Values]; }
    }

    public IReadOnlyList<Delivery> Deliveries
    {
        get { lock (gate) return [.. deliveries]; }
    }

    public Task<RoutingDecision> Take(IReadOnlyList<EventEmitted> group, Func<RoutingFacts, RoutingDecision> decide, IReadOnlyList<OutboxKey> confirmed)
    {
        RoutingDecision decision;
        lock (gate)
        {
            var known = group.Select(x => new EventKey(x.OrgId, x.EventId)).Distinct().Where(events.ContainsKey).ToDictionary(x => x, x => events[x]);
            decision = decide(new(known, subscriptions.Values.ToLookup(x => new TopicKey(x.OrgId, x.Topic))));
            foreach (var stored in decision.Events)
                events.Add(new(stored.OrgId, stored.Id), stored);
            deliveries.AddRange(decision.Deliveries);
            foreach (var message in decision.Messages)
                messages.Add(message.Id, (message, decision.DecidedAt));
            foreach (var key in confirmed)
                messages.Remove(key.Id);
        }

        AfterCommit?.Invoke();
        return Task.FromResult(decision);
    }

    public Task<Subscription> Subscribe(Subscription subscription, CancellationToken stop)
    {
        lock (gate)
        {
            var key = (subscription.OrgId, subscription.TriggerId);
            return Task.FromResult(subscriptions[key] = subscriptions.TryGetValue(key, out var old) ? subscription with { CreatedAt = old.CreatedAt } : subscription);
        }
    }

    public Task<bool> Unsubscribe(string orgId, string triggerId, CancellationToken stop)
    {
        lock (gate)
            return Task.FromResult(subscriptions.Remove((orgId, triggerId)));
    }

    public Task<IReadOnlyList<OutboxMessage>> Unconfirmed(DateTimeOffset committedBefore, Guid after, int most, CancellationToken stop)
    {
        lock (gate)
            return Task.FromResult<IReadOnlyList<OutboxMessage>>(
                [.. messages.Values.Where(x => x.CommittedAt <= committedBefore && x.Message.Id.CompareTo(after) > 0).Take(most).Select(x => x.Message)]);
    }

    public Task DeleteMessages(IReadOnlyList<OutboxKey> keys, CancellationToken stop)
    {
        lock (gate)
            foreach (var key in keys)
                messages.Remove(key.Id);
        return Task.CompletedTask;
    }
}
