using ReactorJobs.Contracts;
using ReactorJobs.Events.Events;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events;

public sealed class EventRoutingTests
{
    static readonly DateTimeOffset Now = ManualTime.Start.AddSeconds(1);
    readonly IdSource ids = new(new ManualTime());

    [Fact]
    public void An_event_starts_one_run_for_each_subscription_of_its_topic()
    {
        var emitted = Emitted.Event(ids);
        var decision = Decide([emitted], Emitted.Facts(Emitted.Subscription("trg_b"), Emitted.Subscription("trg_a"), Emitted.Subscription("trg_c", topic: "other")));

        Assert.Equal(2, Assert.Single(decision.Events).Deliveries);
        Assert.Equal(["trg_a", "trg_b"], decision.Deliveries.Select(x => x.TriggerId));
        var message = Assert.Single(decision.Messages);
        Assert.Equal((Queues.Starts, "acme"), (message.Queue, message.OrgId));
        var start = Emitted.StartsOf(message)[0];
        Assert.Equal(new RunId(IdSource.Derive(emitted.EventId.Value, "trg_a")), start.RunId);
        Assert.Equal("job-of-trg_a", start.Job);
        Assert.Equal(emitted.Payload, start.Payload);
        Assert.Equal(("event", "trg_a"), (start.Trigger.Kind, start.Trigger.Id));
        Assert.Equal($$"""{"event_id":"{{emitted.EventId}}","topic":"order.paid"}""", start.Trigger.Detail.ToString());
    }

    [Theory]
    [InlineData("Order.Paid")]
    [InlineData("order.paid ")]
    [InlineData("order.*")]
    [InlineData("order")]
    public void Topics_match_exactly(string subscribed)
    {
        var decision = Decide([Emitted.Event(ids)], Emitted.Facts(Emitted.Subscription("trg_a", topic: subscribed)));

        Assert.Equal(0, Assert.Single(decision.Events).Deliveries);
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void Another_orgs_subscription_is_not_served() =>
        Assert.Empty(Decide([Emitted.Event(ids)], Emitted.Facts(Emitted.Subscription("trg_a", orgId: "globex"))).Deliveries);

    [Fact]
    public void The_same_id_twice_in_a_group_is_one_event_and_both_hear_of_the_first()
    {
        var first = Emitted.Event(ids);
        var decision = Decide([first, first with { Topic = "order.lost" }], Emitted.Facts(Emitted.Subscription("trg_a"), Emitted.Subscription("trg_b", topic: "order.lost")));

        Assert.Single(decision.Events);
        Assert.Single(decision.Deliveries);
        Assert.Equal(["order.paid", "order.paid"], decision.Answers.Select(x => x.Topic));
    }

    [Fact]
    public void The_same_id_in_two_orgs_is_two_events()
    {
        var first = Emitted.Event(ids);
        Assert.Equal(2, Decide([first, first with { OrgId = "globex" }], Emitted.Facts()).Events.Count);
    }

    [Fact]
    public void A_known_event_changes_nothing()
    {
        var emitted = Emitted.Event(ids);
        var stored = Decide([emitted], Emitted.Facts()).Events[0];
        var facts = Emitted.Facts(Emitted.Subscription("trg_late")) with { Known = new Dictionary<EventKey, StoredEvent> { [new("acme", emitted.EventId)] = stored } };

        var decision = Decide([emitted], facts);

        Assert.Same(stored, Assert.Single(decision.Answers));
        Assert.Empty(decision.Events);
        Assert.Empty(decision.Deliveries);
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void Starts_travel_in_messages_of_500()
    {
        var subscriptions = Enumerable.Range(0, 1201).Select(i => Emitted.Subscription($"trg_{i:D4}")).ToArray();
        var decision = Decide([Emitted.Event(ids)], Emitted.Facts(subscriptions));

        Assert.Equal([500, 500, 201], decision.Messages.Select(x => Emitted.StartsOf(x).Count));
        Assert.Equal(1201, decision.Messages.SelectMany(Emitted.StartsOf).Select(x => x.RunId).Distinct().Count());
    }

    [Fact]
    public void Large_payloads_travel_in_messages_that_stay_small()
    {
        var payload = "\"" + new string('x', EventRouting.MaxMessageBytes / 3) + "\"";
        var subscriptions = Enumerable.Range(0, 5).Select(i => Emitted.Subscription($"trg_{i}")).ToArray();

        Assert.Equal([2, 2, 1], Decide([Emitted.Event(ids, payload: payload)], Emitted.Facts(subscriptions)).Messages.Select(x => Emitted.StartsOf(x).Count));
    }

    [Fact]
    public void A_message_is_one_orgs()
    {
        var decision = Decide(
            [Emitted.Event(ids), Emitted.Event(ids, orgId: "globex"), Emitted.Event(ids)],
            Emitted.Facts(Emitted.Subscription("trg_a"), Emitted.Subscription("trg_b", orgId: "globex")));

        Assert.Equal([("acme", 2), ("globex", 1)], decision.Messages.Select(x => (x.OrgId, Emitted.StartsOf(x).Count(y => y.OrgId == x.OrgId))));
    }

    [Theory]
    [InlineData("order.paid", """{"n":1}""", true)]
    [InlineData("order.paid", """{ "n": 1 }""", true)]
    [InlineData("order.paid", """{"n":2}""", false)]
    [InlineData("Order.paid", """{"n":1}""", false)]
    public void An_event_sent_again_is_the_same_when_topic_and_payload_are(string topic, string payload, bool same)
    {
        var first = Emitted.Event(ids);
        Assert.Equal(same, EventRouting.IsSame(Decide([first], Emitted.Facts()).Events[0], first with { Topic = topic, Payload = RawJson.Trusted(payload) }));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("order.paid/ä 🎉*", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("a\nb", false)]
    [InlineData("a\u0000", false)]
    [InlineData("a\u009fb", false)]
    public void Topics_have_readable_characters(string? topic, bool good) => Assert.Equal(good, EventTopic.Flaw(topic) is null);

    [Fact]
    public void Topics_have_at_most_256_characters_whatever_their_encoding()
    {
        Assert.Null(EventTopic.Flaw(string.Concat(Enumerable.Repeat("🎉", 256))));
        Assert.NotNull(EventTopic.Flaw(new string('a', 257)));
        Assert.NotNull(EventTopic.Flaw("half \ud83c of a pair"));
    }

    RoutingDecision Decide(IReadOnlyList<EventEmitted> group, RoutingFacts facts) => EventRouting.Decide(group, facts, Now, ids.Next);
}
