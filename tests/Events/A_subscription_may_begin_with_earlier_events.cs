using ReactorJobs.Contracts;
using ReactorJobs.Events.Deliveries;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Tests.Events;

/// <summary>Events from before a subscription that asks for them: each once and in order, whatever runs beside it and whatever dies in between.</summary>
[Collection(PostgresCollection.Name)]
public sealed class A_subscription_may_begin_with_earlier_events(PostgresServer server) : IAsyncLifetime
{
    const string Trigger = "trg_new";
    readonly EventsDatabase events = new(server);

    public Task InitializeAsync() => events.Create();

    public async Task DisposeAsync() => await events.DisposeAsync();

    [Fact]
    public async Task Those_since_the_time_that_it_names_in_the_order_of_their_emission()
    {
        var old = Event(-3);
        var (later, earlier) = (Event(-1), Event(-2));
        await events.Take(old, later, earlier, Event(-1) with { Topic = "order.lost" });
        await Subscribe();

        await CatchUp(since: -2);

        Assert.Equal(Runs(earlier, later), events.Started.Select(x => x.RunId));
        Assert.All(events.Started, x => Assert.Equal(("event", Trigger, "job-of-" + Trigger), (x.Trigger.Kind, x.Trigger.Id, x.Job)));
        Assert.Equal(new[] { 0, 1, 1 }, (int[]?)await events.Scalar("select array_agg(deliveries order by emitted_at) from event where topic = 'order.paid'"));
    }

    [Fact]
    public async Task Not_those_that_it_has_had_and_nothing_when_it_is_asked_for_again()
    {
        var before = Event(-1);
        await events.Take(before);
        await Subscribe();
        var live = Event(0);
        await events.Take(live);

        await CatchUp(since: -5);
        await CatchUp(since: -5);
        await events.Take(Event(0));
        await CatchUp(since: -10);

        Assert.Equal(Runs(before), events.Started.Select(x => x.RunId));
        Assert.Equal(3L, await events.Scalar("select count(*) from delivery"));
    }

    [Fact]
    public async Task A_process_that_dies_between_two_groups_leaves_the_rest_to_the_next_one()
    {
        var many = Enumerable.Range(0, 1200).Select(i => Event(-1200 + i)).ToArray();
        await events.Take(many);
        await Subscribe();
        var (first, _) = events.Process();
        await first.Begin("acme", Trigger, ManualTime.Start.AddDays(-7), default);
        Assert.True(await first.Next("acme", Trigger, default));

        // The broker takes nothing, and the process ends: a committed group is in the outbox.
        events.Refusal = new NotConfirmed("RabbitMQ is away.");
        Assert.False(await first.Next("acme", Trigger, default));
        var (second, outbox) = events.Process();
        Assert.False(await second.Next("acme", Trigger, default));
        Assert.Equal(500, events.Started.Count);

        events.Refusal = null;
        events.Time.Advance(TimeSpan.FromSeconds(5));
        await new OutboxUpkeep(events.Store, outbox, events.Time).Sweep(default);
        await second.Run(default);

        Assert.Equal(Runs(many), Unique(events.Started.Select(x => x.RunId)));
        Assert.Equal(1200L, await events.Scalar("select count(*) from delivery"));
        Assert.Equal(true, await events.Scalar("select done from catch_up"));
    }

    [Fact]
    public async Task Two_processes_at_once_deliver_nothing_twice()
    {
        await events.Take([.. Enumerable.Range(0, 900).Select(i => Event(-900 + i))]);
        await Subscribe();
        await events.Process().CatchUps.Begin("acme", Trigger, ManualTime.Start.AddDays(-7), default);

        var processes = Enumerable.Range(0, 4).Select(_ => events.Process().CatchUps).ToArray();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var done = false; !done; done = (bool)(await events.Scalar("select done from catch_up"))!)
            await Task.WhenAll(processes.Select(x => x.Next("acme", Trigger, patience.Token)));

        Assert.Equal(900, events.Started.Count);
        Assert.Equal(900, events.Started.Select(x => x.RunId).Distinct().Count());
    }

    [Fact]
    public async Task An_event_that_was_routed_without_it_and_is_not_committed_yet_is_waited_for()
    {
        var emitted = Event(-1);
        Task catchUp = Task.CompletedTask;

        await events.Store.Take([emitted], facts =>
        {
            // The group has looked for subscriptions and found none; now there is one, which wants what was before it.
            Subscribe().GetAwaiter().GetResult();
            catchUp = Task.Run(() => CatchUp(since: -5));
            WaitsForALock().GetAwaiter().GetResult();
            return EventRouting.Decide([emitted], facts, events.Time.GetUtcNow(), events.Ids.Next);
        }, []);
        await catchUp;

        Assert.Equal(Runs(emitted), events.Started.Select(x => x.RunId));
    }

    [Fact]
    public async Task Whatever_is_stored_while_subscriptions_come_reaches_each_of_them_once()
    {
        const int emitters = 4, groups = 40, subscribers = 12;
        var emitting = Enumerable.Range(0, emitters).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < groups; i++)
                await events.Take(Event(0), Event(0), Event(0));
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, subscribers).Select(i => Task.Run(async () =>
        {
            await events.Store.Subscribe(Emitted.Subscription($"trg_{i}"), default);
            await CatchUp(since: -1, $"trg_{i}");
        })));
        await Task.WhenAll(emitting);
        await events.Process().CatchUps.Run(default);

        Assert.Equal((long)emitters * groups * 3 * subscribers, await events.Scalar("select count(*) from delivery"));
        Assert.Equal((long)emitters * groups * 3 * subscribers, await events.Scalar("select sum(deliveries) from event"));
    }

    [Fact]
    public async Task Large_events_go_in_groups_that_a_broker_carries()
    {
        var payload = RawJson.From(new string('x', 400_000));
        var many = Enumerable.Range(0, 7).Select(i => Event(-7 + i) with { Payload = payload }).ToArray();
        foreach (var one in many)
            await events.Take(one);
        await Subscribe();

        await CatchUp(since: -10);

        Assert.Equal(Runs(many), events.Started.Select(x => x.RunId));
    }

    [Fact]
    public async Task A_subscription_that_is_taken_back_gets_no_more_of_them()
    {
        await events.Take(Event(-1));
        await Subscribe();
        var (catchUps, _) = events.Process();
        Assert.True(await catchUps.Begin("acme", Trigger, ManualTime.Start.AddDays(-7), default));
        await events.Store.Unsubscribe("acme", Trigger, default);

        await catchUps.Run(default);

        Assert.Empty(events.Started);
        Assert.False(await catchUps.Begin("acme", Trigger, ManualTime.Start.AddDays(-7), default));
        Assert.Equal(0L, await events.Scalar("select count(*) from catch_up"));
    }

    EventEmitted Event(int minutes) => Emitted.Event(events.Ids) with { EmittedAt = ManualTime.Start.AddMinutes(minutes) };

    Task Subscribe() => events.Store.Subscribe(Emitted.Subscription(Trigger), default);

    async Task CatchUp(int since, string trigger = Trigger)
    {
        var (catchUps, _) = events.Process();
        await catchUps.Begin("acme", trigger, ManualTime.Start.AddMinutes(since), default);
        while (await catchUps.Next("acme", trigger, default))
        {
        }
    }

    async Task WaitsForALock()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await events.Scalar("select count(*) from pg_locks where locktype = 'advisory' and not granted") is 0L)
            patience.Token.ThrowIfCancellationRequested();
    }

    static IEnumerable<RunId> Runs(params EventEmitted[] expected) => expected.Select(x => new RunId(Hosting.Ids.IdSource.Derive(x.EventId.Value, Trigger)));

    static IEnumerable<RunId> Unique(IEnumerable<RunId> runs) => runs.Distinct();
}
