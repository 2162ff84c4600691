using Microsoft.Extensions.Logging;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Routing;

/// <summary>
/// Takes events, from the bus and from the API alike, in groups: one transaction for all that arrived while the one before it committed.
/// </summary>
public sealed class EventRouter : IAsyncDisposable
{
    const int GroupLimit = 500;

    readonly IEventStore store;
    readonly Outbox outbox;
    readonly IdSource ids;
    readonly TimeProvider time;
    readonly GroupLoop<EventArrival> loop;

    public EventRouter(IEventStore store, Outbox outbox, IdSource ids, TimeProvider time, ILogger<EventRouter> logger)
    {
        this.store = store;
        this.outbox = outbox;
        this.ids = ids;
        this.time = time;
        loop = new(GroupLimit, Process, time, logger);
    }

    /// <summary>Completes when the event is committed, with what is stored under its id: an earlier event, where there was one.</summary>
    public Task<StoredEvent> Take(EventEmitted emitted)
    {
        var arrival = new EventArrival(emitted);
        loop.Post(arrival);
        return arrival.Taken;
    }

    /// <summary>
    /// Commits a group and publishes what follows from it. Safe to repeat when the result of the commit is not known: what was committed is
    /// found, and the sweeper publishes its messages.
    /// </summary>
    public async Task Process(IReadOnlyList<EventArrival> group)
    {
        var emitted = group.Select(x => x.Emitted).ToArray();
        var confirmed = outbox.TakeConfirmed();
        RoutingDecision decision;
        try
        {
            decision = await store.Take(emitted, facts => EventRouting.Decide(emitted, facts, time.GetUtcNow(), ids.Next), confirmed);
        }
        catch
        {
            outbox.Return(confirmed);
            throw;
        }

        outbox.Forget(confirmed);
        for (var i = 0; i < group.Count; i++)
            group[i].Stored = decision.Answers[i];
        outbox.Publish(decision.Messages);
    }

    public ValueTask DisposeAsync() => loop.DisposeAsync();
}

/// <summary>One event on its way into the store.</summary>
public sealed class EventArrival(EventEmitted emitted) : IGroupItem
{
    readonly TaskCompletionSource<StoredEvent> taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EventEmitted Emitted => emitted;

    public StoredEvent? Stored { get; set; }

    public Task<StoredEvent> Taken => taken.Task;

    public void Complete() => taken.TrySetResult(Stored!);

    public void Fail(Exception exception) => taken.TrySetException(exception);
}
