using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Routing;

/// <summary>
/// Decides what a group of events leads to; touches nothing. An event is taken once per id: a second one changes nothing, whatever it holds.
/// Who had subscribed is decided by the order of commits, never by clocks, so that no event emitted after a subscription's answer is missed.
/// </summary>
public static class EventRouting
{
    /// <summary>A message of many starts repeats the payload in each of them: this keeps it at what a broker carries well.</summary>
    public const int MaxMessageBytes = 1 << 20;

    public static RoutingDecision Decide(IReadOnlyList<EventEmitted> group, RoutingFacts facts, DateTimeOffset now, Func<Guid> newMessageId)
    {
        var known = new Dictionary<EventKey, StoredEvent>(facts.Known);
        var answers = new List<StoredEvent>(group.Count);
        var events = new List<StoredEvent>(group.Count);
        var deliveries = new List<Delivery>();
        var starts = new List<RunStart>();
        foreach (var emitted in group)
        {
            var key = new EventKey(emitted.OrgId, emitted.EventId);
            if (!known.TryGetValue(key, out var stored))
            {
                var subscriptions = facts.Subscriptions[new(emitted.OrgId, emitted.Topic)].OrderBy(x => x.TriggerId, StringComparer.Ordinal).ToArray();
                stored = new(
                    emitted.OrgId, emitted.EventId, emitted.Topic, emitted.Payload, emitted.Source, emitted.EmittedAt.ToUniversalTime(), now, subscriptions.Length);
                known.Add(key, stored);
                events.Add(stored);
                foreach (var subscription in subscriptions)
                {
                    var delivery = Deliver(stored, subscription, now);
                    deliveries.Add(delivery);
                    starts.Add(Start(stored, delivery));
                }
            }

            answers.Add(stored);
        }

        return new(answers, events, deliveries, Pack(starts, newMessageId), now);
    }

    /// <summary>
    /// What it takes to hand stored events to these subscribers beside their first delivery: in the name of a replay, or, without one, to a
    /// subscriber who has not had them.
    /// </summary>
    public static Redelivery Redeliver(
        IReadOnlyList<StoredEvent> events, IReadOnlyList<Subscription> subscriptions, Guid replay, DateTimeOffset now, Func<Guid> newMessageId)
    {
        var deliveries = new List<Delivery>();
        var starts = new List<RunStart>();
        foreach (var stored in events)
            foreach (var subscription in subscriptions)
            {
                var delivery = Deliver(stored, subscription, now, replay);
                deliveries.Add(delivery);
                starts.Add(Start(stored, delivery));
            }

        return new(deliveries, Pack(starts, newMessageId));
    }

    public static string ReplayId(Guid replay) => Ulid.Format("rpl_", replay);

    /// <summary>Whether an event sent again under its id is the one that is stored; how its payload is laid out does not matter.</summary>
    public static bool IsSame(StoredEvent stored, EventEmitted emitted)
    {
        if (stored.Topic != emitted.Topic)
            return false;
        if (stored.Payload == emitted.Payload)
            return true;
        using var one = JsonDocument.Parse(stored.Payload.Utf8);
        using var other = JsonDocument.Parse(emitted.Payload.Utf8);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }

    /// <summary>The run's id follows from event and trigger: the same delivery again is the same run.</summary>
    static Delivery Deliver(StoredEvent stored, Subscription subscription, DateTimeOffset now, Guid replay = default) => new(
        stored.OrgId, stored.Id, subscription.TriggerId, new RunId(IdSource.Derive(replay == default ? stored.Id.Value : replay, subscription.TriggerId)),
        subscription.Job, now, replay);

    static RunStart Start(StoredEvent stored, Delivery delivery) =>
        new(stored.OrgId, delivery.RunId, delivery.Job, stored.Payload, new(TriggerKinds.Event, delivery.TriggerId, Detail(stored, delivery.Replay)));

    static RawJson Detail(StoredEvent stored, Guid replay)
    {
        var detail = new Dictionary<string, string> { ["event_id"] = stored.Id.ToString(), ["topic"] = stored.Topic };
        if (replay != default)
            detail["replay_id"] = ReplayId(replay);
        return RawJson.From(detail);
    }

    /// <summary>Few messages for many starts; each is one org's, as its outbox row is.</summary>
    internal static List<OutboxMessage> Pack(List<RunStart> starts, Func<Guid> newMessageId)
    {
        var messages = new List<OutboxMessage>();
        foreach (var ofOrg in starts.GroupBy(x => x.OrgId))
        {
            var batch = new List<RunStart>();
            var bytes = 0;
            foreach (var start in ofOrg)
            {
                if (batch.Count == StartRun.MaxStarts || (batch.Count > 0 && bytes + start.Payload.Length > MaxMessageBytes))
                    Close();
                batch.Add(start);
                bytes += start.Payload.Length;
            }

            Close();

            void Close()
            {
                messages.Add(OutboxMessage.For(newMessageId(), ofOrg.Key, Queues.Starts, new StartRun(batch.ToArray())));
                batch.Clear();
                bytes = 0;
            }
        }

        return messages;
    }
}

public sealed record Redelivery(IReadOnlyList<Delivery> Deliveries, IReadOnlyList<OutboxMessage> Messages);
