using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ReactorJobs.Hosting.Bus;

/// <summary>
/// Publishes what is committed and remembers what the broker has confirmed, so that the next group's transaction deletes it. What a crash
/// leaves in the table is found by the sweeper, which asks <see cref="IsUnderWay"/> first.
/// </summary>
public sealed class Outbox(Func<OutboxMessage, Task> publish, ILogger logger)
{
    readonly ConcurrentDictionary<Guid, byte> underWay = new();
    readonly ConcurrentQueue<OutboxKey> confirmed = new();

    public bool HasConfirmed => !confirmed.IsEmpty;

    public int UnderWay => underWay.Count;

    public void Publish(IEnumerable<OutboxMessage> committed)
    {
        foreach (var message in committed)
            if (underWay.TryAdd(message.Id, 0))
                _ = PublishOne(message);
    }

    /// <summary>Gives up messages that nobody takes any more: their rows go with the next group.</summary>
    public void Drop(IEnumerable<OutboxMessage> worthless)
    {
        foreach (var message in worthless)
        {
            underWay.TryAdd(message.Id, 0);
            confirmed.Enqueue(new(message.OrgId, message.Id));
        }
    }

    /// <summary>The confirmed messages that the current transaction deletes. They must come back by <see cref="Return"/> when it fails.</summary>
    public List<OutboxKey> TakeConfirmed(int most = 1000)
    {
        var keys = new List<OutboxKey>();
        while (keys.Count < most && confirmed.TryDequeue(out var key))
            keys.Add(key);
        return keys;
    }

    public void Return(IEnumerable<OutboxKey> keys)
    {
        foreach (var key in keys)
            confirmed.Enqueue(key);
    }

    /// <summary>The rows are gone: a message of that id is not known any more.</summary>
    public void Forget(IEnumerable<OutboxKey> keys)
    {
        foreach (var key in keys)
            underWay.TryRemove(key.Id, out _);
    }

    public bool IsUnderWay(Guid id) => underWay.ContainsKey(id);

    async Task PublishOne(OutboxMessage message)
    {
        try
        {
            await publish(message);
            confirmed.Enqueue(new(message.OrgId, message.Id));
        }
        catch (NotConfirmed)
        {
            // The row stays, and the sweeper sends it again; the publisher has said that the broker is away.
            underWay.TryRemove(message.Id, out _);
        }
        catch (Exception exception)
        {
            underWay.TryRemove(message.Id, out _);
            logger.LogWarning("A message to {Queue} was not confirmed: {Reason}", message.Queue, exception.Message);
        }
    }
}

public readonly record struct OutboxKey(string OrgId, Guid Id);
