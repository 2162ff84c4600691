using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events;

/// <summary>What the tests of routing and of the stores speak of.</summary>
static class Emitted
{
    public static EventEmitted Event(IdSource ids, string topic = "order.paid", string orgId = "acme", string payload = """{"n":1}""") =>
        new(orgId, ids.NewEvent(), topic, RawJson.Trusted(payload), ManualTime.Start);

    public static Subscription Subscription(string trigger, string topic = "order.paid", string orgId = "acme", string? job = null) =>
        new(orgId, trigger, topic, job ?? "job-of-" + trigger, ManualTime.Start);

    public static RoutingFacts Facts(params Subscription[] subscriptions) =>
        new(new Dictionary<EventKey, StoredEvent>(), subscriptions.ToLookup(x => new TopicKey(x.OrgId, x.Topic)));

    public static IReadOnlyList<RunStart> StartsOf(OutboxMessage message) =>
        JsonDocument.Parse(message.Body).RootElement.GetProperty("message").Deserialize<StartRun>(JsonSerializerOptions.Web)!.Starts;
}
