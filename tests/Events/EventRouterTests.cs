using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ReactorJobs.Events.Deliveries;
using ReactorJobs.Events.Routing;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Events;

public sealed class EventRouterTests : IAsyncLifetime
{
    readonly ManualTime time = new();
    readonly InMemoryEventStore store = new();
    readonly ConcurrentQueue<OutboxMessage> published = new();
    readonly IdSource ids;
    readonly Outbox outbox;
    readonly OutboxUpkeep upkeep;
    readonly EventRouter router;
    Func<Task> confirm = () => Task.CompletedTask;

    public EventRouterTests()
    {
        ids = new(time);
        outbox = NewOutbox();
        upkeep = new(store, outbox, time);
        router = new(store, outbox, ids, time, NullLogger<EventRouter>.Instance);
    }

    public async Task InitializeAsync() => await store.Subscribe(Emitted.Subscription("trg_a"), default);

    public async Task DisposeAsync() => await router.DisposeAsync();

    [Fact]
    public async Task Taken_means_committed_and_published()
    {
        var stored = await router.Take(Emitted.Event(ids));

        Assert.Equal(stored, Assert.Single(store.Events));
        Assert.Single(published);
    }

    [Fact]
    public async Task A_group_that_is_processed_again_after_a_commit_of_unknown_result_changes_nothing()
    {
        var group = new[] { new EventArrival(Emitted.Event(ids)), new EventArrival(Emitted.Event(ids)) };
        store.AfterCommit = () => throw new NpgsqlException("The connection is gone.");
        await Assert.ThrowsAsync<NpgsqlException>(() => router.Process(group));
        store.AfterCommit = null;

        await router.Process(group);

        Assert.Equal(2, store.Events.Count);
        Assert.Equal(2, store.Deliveries.Count);
        Assert.All(group, x => Assert.NotNull(x.Stored));
        Assert.Empty(published);

        time.Advance(TimeSpan.FromSeconds(5));
        await upkeep.Sweep(default);
        Assert.Equal(2, Emitted.StartsOf(Assert.Single(published)).Count);
    }

    [Fact]
    public async Task Confirmed_messages_are_deleted_with_the_next_group()
    {
        await router.Take(Emitted.Event(ids));
        Assert.Single(await Unconfirmed());

        await router.Take(Emitted.Event(ids, topic: "nobody listens"));

        Assert.Empty(await Unconfirmed());
    }

    [Fact]
    public async Task Confirmed_messages_of_a_failed_group_are_deleted_with_the_one_after_it()
    {
        await router.Take(Emitted.Event(ids));
        var first = (await Unconfirmed()).Single();
        store.AfterCommit = () => throw new InvalidOperationException();
        await Assert.ThrowsAsync<InvalidOperationException>(() => router.Process([new(Emitted.Event(ids))]));
        store.AfterCommit = null;

        Assert.True(outbox.HasConfirmed);
        await upkeep.Flush(default);
        Assert.False(outbox.HasConfirmed);
        Assert.DoesNotContain(await Unconfirmed(), x => x.Id == first.Id);
    }

    [Fact]
    public async Task Confirmed_messages_are_deleted_when_nothing_else_happens()
    {
        await router.Take(Emitted.Event(ids));

        await upkeep.Flush(default);

        Assert.Empty(await Unconfirmed());
        Assert.Equal(0, outbox.UnderWay);
    }

    [Fact]
    public async Task The_sweeper_leaves_alone_what_is_young_or_under_way()
    {
        var broker = new TaskCompletionSource();
        confirm = () => broker.Task;
        await router.Take(Emitted.Event(ids));
        Assert.Single(published);
        time.Advance(TimeSpan.FromMinutes(1));
        await upkeep.Sweep(default);
        Assert.Single(published);

        // Another process knows nothing of what is under way here: it waits until the row has settled.
        var afterCrash = new OutboxUpkeep(store, NewOutbox(), new ManualTime(ManualTime.Start.AddSeconds(1)));
        await afterCrash.Sweep(default);
        Assert.Single(published);
        afterCrash = new(store, NewOutbox(), time);
        await afterCrash.Sweep(default);
        Assert.Equal(2, published.Count);
        broker.SetResult();
    }

    [Fact]
    public async Task A_refused_message_is_published_again()
    {
        confirm = () => throw new InvalidOperationException("The broker says no.");
        await router.Take(Emitted.Event(ids));
        confirm = () => Task.CompletedTask;
        time.Advance(TimeSpan.FromSeconds(5));

        await upkeep.Sweep(default);
        await upkeep.Flush(default);

        Assert.Equal(2, published.Count);
        Assert.Empty(await Unconfirmed());
    }

    [Fact]
    public async Task Expired_messages_are_deleted_unpublished()
    {
        var expired = new OutboxMessage(ids.Next(), "acme", "anywhere", [1], ManualTime.Start.AddSeconds(1));
        await store.Take([], _ => new([], [], [], [expired], ManualTime.Start), []);
        time.Advance(TimeSpan.FromSeconds(5));

        await upkeep.Sweep(default);

        Assert.Empty(await Unconfirmed());
        Assert.Empty(published);
    }

    Outbox NewOutbox() => new(message =>
    {
        published.Enqueue(message);
        return confirm();
    }, NullLogger.Instance);

    Task<IReadOnlyList<OutboxMessage>> Unconfirmed() => store.Unconfirmed(DateTimeOffset.MaxValue, Guid.Empty, 100, default);
}
