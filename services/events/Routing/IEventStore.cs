using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Events.Routing;

/// <summary>
/// What is stored of events. Two implementations pass the same conformance tests: PostgreSQL, and one in memory for the simulator.
/// </summary>
public interface IEventStore
{
    /// <summary>
    /// Takes a group of events in one transaction: finds what is known of them, lets that be decided, writes the decision, and deletes the
    /// outbox rows that are confirmed. When another process took one of the events meanwhile, the whole group is decided again.
    /// </summary>
    Task<RoutingDecision> Take(IReadOnlyList<EventEmitted> group, Func<RoutingFacts, RoutingDecision> decide, IReadOnlyList<OutboxKey> confirmed);

    /// <summary>Stores a subscription, or changes the one of the same trigger, which keeps its age.</summary>
    Task<Subscription> Subscribe(Subscription subscription, CancellationToken stop);

    /// <summary>False when there was none.</summary>
    Task<bool> Unsubscribe(string orgId, string triggerId, CancellationToken stop);

    /// <summary>Messages of all orgs that were committed before a time, in the order of their ids, after one of them.</summary>
    Task<IReadOnlyList<OutboxMessage>> Unconfirmed(DateTimeOffset committedBefore, Guid after, int most, CancellationToken stop);

    Task DeleteMessages(IReadOnlyList<OutboxKey> keys, CancellationToken stop);
}

public readonly record struct EventKey(string OrgId, EventId Id);

public readonly record struct TopicKey(string OrgId, string Topic);

/// <param name="Deliveries">How many runs it started; 0 when nobody had subscribed to its topic.</param>
public sealed record StoredEvent(
    string OrgId, EventId Id, string Topic, RawJson Payload, RunId? Source, DateTimeOffset EmittedAt, DateTimeOffset StoredAt, int Deliveries);

public sealed record Subscription(string OrgId, string TriggerId, string Topic, string Job, DateTimeOffset CreatedAt);

/// <param name="Replay">By which replay it was made; empty for the event itself, which delivers once.</param>
public sealed record Delivery(string OrgId, EventId EventId, string TriggerId, RunId RunId, string Job, DateTimeOffset CreatedAt, Guid Replay = default);

/// <summary>What is stored when a group is decided: the events of it that are there already, and who listens to its topics.</summary>
public sealed record RoutingFacts(IReadOnlyDictionary<EventKey, StoredEvent> Known, ILookup<TopicKey, Subscription> Subscriptions);

/// <param name="Answers">For each event of the group, in its order, what is stored under its id.</param>
/// <param name="Events">Those of them that are new.</param>
public sealed record RoutingDecision(
    IReadOnlyList<StoredEvent> Answers, IReadOnlyList<StoredEvent> Events, IReadOnlyList<Delivery> Deliveries, IReadOnlyList<OutboxMessage> Messages,
    DateTimeOffset DecidedAt);
