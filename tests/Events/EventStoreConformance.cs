using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events;

/// <summary>What every store of events does. Each test has orgs of its own.</summary>
public abstract class EventStoreConformance
{
    static int orgs;
    readonly string org = "org-" + Interlocked.Increment(ref orgs);
    readonly ManualTime time = new();
    readonly IdSource ids;

    protected EventStoreConformance() => ids = new(time);

    protected abstract IEventStore Store { get; }

    [Fact]
    public async Task What_is_taken_is_known_the_next_time()
    {
        var emitted = Event() with { Source = ids.NewRun(), Payload = RawJson.Trusted("""{"text":"ä\u0000 🎉", "n":[1, 2.50]}""") };
        var first = await Take([emitted]);

        var second = await Take([emitted]);

        Assert.Single(first.Events);
        Assert.Empty(second.Events);
        Assert.Equal(first.Answers, second.Answers);
    }

    [Fact]
    public async Task A_group_sees_the_subscriptions_of_its_topics_only()
    {
        await Store.Subscribe(Subscription("trg_a"), default);
        await Store.Subscribe(Subscription("trg_b") with { Topic = "order.lost" }, default);
        await Store.Subscribe(Subscription("trg_c") with { Topic = "Order.paid" }, default);
        await Store.Subscribe(Subscription("trg_d") with { OrgId = org + "-other" }, default);

        var decision = await Take([Event(), Event(), Event("order.lost")]);

        Assert.Equal([1, 1, 1], decision.Answers.Select(x => x.Deliveries));
        Assert.Equal(["trg_a", "trg_a", "trg_b"], decision.Deliveries.Select(x => x.TriggerId));
    }

    [Fact]
    public async Task One_group_serves_many_orgs()
    {
        var other = org + "-other";
        await Store.Subscribe(Subscription("trg_a"), default);
        await Store.Subscribe(Subscription("trg_b") with { OrgId = other }, default);

        var decision = await Take([Event(), Event() with { OrgId = other }]);

        Assert.Equal([(org, "trg_a"), (other, "trg_b")], decision.Deliveries.Select(x => (x.OrgId, x.TriggerId)));
        Assert.Equal([org, other], (await Messages()).Select(x => x.OrgId));
    }

    [Fact]
    public async Task A_subscription_made_later_does_not_see_the_event()
    {
        var emitted = Event();
        await Take([emitted]);
        await Store.Subscribe(Subscription("trg_a"), default);

        Assert.Empty((await Take([emitted])).Deliveries);
        Assert.Single((await Take([Event()])).Deliveries);
    }

    [Fact]
    public async Task Subscribing_again_changes_topic_and_job_and_keeps_the_age()
    {
        await Store.Subscribe(Subscription("trg_a"), default);
        var again = await Store.Subscribe(Subscription("trg_a") with { Topic = "order.lost", Job = "other", CreatedAt = ManualTime.Start.AddDays(1) }, default);

        Assert.Equal(Subscription("trg_a") with { Topic = "order.lost", Job = "other" }, again);
        var decision = await Take([Event(), Event("order.lost")]);
        Assert.Equal("other", Assert.Single(decision.Deliveries).Job);
    }

    [Fact]
    public async Task Unsubscribing_ends_deliveries()
    {
        await Store.Subscribe(Subscription("trg_a"), default);

        Assert.False(await Store.Unsubscribe(org + "-other", "trg_a", default));
        Assert.True(await Store.Unsubscribe(org, "trg_a", default));
        Assert.False(await Store.Unsubscribe(org, "trg_a", default));
        Assert.Empty((await Take([Event()])).Deliveries);
    }

    [Fact]
    public async Task Messages_stay_until_they_are_confirmed()
    {
        await Store.Subscribe(Subscription("trg_a"), default);
        var message = Assert.Single((await Take([Event()])).Messages);

        var kept = Assert.Single(await Messages());
        Assert.Equal((message.Id, message.OrgId, message.Queue, message.ExpiresAt), (kept.Id, kept.OrgId, kept.Queue, kept.ExpiresAt));
        Assert.Equal(message.Body, kept.Body);

        await Take([], [new(org, message.Id)]);
        Assert.Empty(await Messages());
    }

    [Fact]
    public async Task Messages_are_deleted_by_their_keys()
    {
        await Store.Subscribe(Subscription("trg_a"), default);
        var first = (await Take([Event()])).Messages[0];
        var second = (await Take([Event()])).Messages[0];

        await Store.DeleteMessages([new(org, first.Id), new(org, ids.Next())], default);

        Assert.Equal(second.Id, Assert.Single(await Messages()).Id);
    }

    [Fact]
    public async Task Unconfirmed_messages_come_by_age_and_in_pages()
    {
        await Store.Subscribe(Subscription("trg_a"), default);
        var made = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            made.Add((await Take([Event()])).Messages[0].Id);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(made[..2], (await Messages(ManualTime.Start.AddSeconds(1))).Select(x => x.Id));
        Assert.Equal(made[1..], (await Messages(after: made[0])).Select(x => x.Id));
        Assert.Single(await Store.Unconfirmed(DateTimeOffset.MaxValue, Guid.Empty, 1, default));
    }

    [Fact]
    public async Task A_group_whose_decision_fails_leaves_nothing()
    {
        var emitted = Event();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.Take([emitted], _ => throw new InvalidOperationException(), []));

        Assert.Single((await Take([emitted])).Events);
    }

    [Fact]
    public async Task A_large_group_is_one_like_any_other()
    {
        for (var i = 0; i < 5; i++)
            await Store.Subscribe(Subscription($"trg_{i}"), default);

        var decision = await Take([.. Enumerable.Range(0, 500).Select(_ => Event())]);

        Assert.Equal(2500, decision.Deliveries.Count);
        Assert.Equal([500, 500, 500, 500, 500], (await Messages()).Select(x => Emitted.StartsOf(x).Count));
    }

    protected EventEmitted Event(string topic = "order.paid") => Emitted.Event(ids, topic, org);

    protected RoutingDecision Decide(IReadOnlyList<EventEmitted> group, RoutingFacts facts) => EventRouting.Decide(group, facts, time.GetUtcNow(), ids.Next);

    protected Task<RoutingDecision> Take(IReadOnlyList<EventEmitted> group, IReadOnlyList<OutboxKey>? confirmed = null) =>
        Store.Take(group, facts => Decide(group, facts), confirmed ?? []);

    Subscription Subscription(string trigger) => Emitted.Subscription(trigger, orgId: org);

    async Task<List<OutboxMessage>> Messages(DateTimeOffset? before = null, Guid after = default) =>
        [.. (await Store.Unconfirmed(before ?? ManualTime.Start.AddDays(1), after, 10_000, default)).Where(x => x.OrgId.StartsWith(org, StringComparison.Ordinal))];
}

public sealed class InMemoryEventStoreTests : EventStoreConformance
{
    protected override IEventStore Store { get; } = new InMemoryEventStore();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresEventStoreTests(PostgresServer server) : EventStoreConformance, IAsyncLifetime
{
    ServiceDatabase? database;

    protected override IEventStore Store => new PostgresEventStore(database!);

    public async Task InitializeAsync()
    {
        var options = server.NewDatabase();
        await DatabaseSetup.CreateDatabase(options, default);
        await DatabaseSetup.Migrate<EventsDb>(options, EventsDb.Name, x => new(x), default);
        database = new(options, EventsDb.Name);
    }

    public async Task DisposeAsync() => await database!.DisposeAsync();

    [Fact]
    public async Task An_event_that_another_process_takes_meanwhile_is_found_and_the_rest_of_the_group_goes_on()
    {
        var contested = Event();
        var other = Event();
        var rounds = 0;

        var decision = await Store.Take([contested, other], facts =>
        {
            if (rounds++ == 0)
                Take([contested with { Payload = RawJson.Trusted("2") }]).GetAwaiter().GetResult();
            return Decide([contested, other], facts);
        }, []);

        Assert.Equal(2, rounds);
        Assert.Equal("2", decision.Answers[0].Payload.ToString());
        Assert.Equal(other.EventId, Assert.Single(decision.Events).Id);
        Assert.Empty((await Take([contested, other])).Events);
    }

    [Fact]
    public async Task Two_processes_with_the_same_events_take_each_of_them_once()
    {
        var events = Enumerable.Range(0, 300).Select(_ => Event()).ToArray();
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
            Take(i % 2 == 0 ? events : [.. events.Reverse()]))));

        Assert.Equal(300, taken.Sum(x => x.Events.Count));
    }
}
