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

    /// <summary>Publishes, and waits for the confirms; false when one of them did not come: then it is the sweeper's.</summary>
    public async Task<bool> PublishAndWait(IReadOnlyList<OutboxMessage> committed) =>
        !(await Task.WhenAll(committed.Where(x => underWay.TryAdd(x.Id, 0)).Select(PublishOne))).Contains(false);

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

    async Task<bool> PublishOne(OutboxMessage message)
    {
        try
        {
            await publish(message);
            confirmed.Enqueue(new(message.OrgId, message.Id));
            return true;
        }
        catch (NotConfirmed)
        {
            // The row stays, and the sweeper sends it again; the publisher has said that the broker is away.
            underWay.TryRemove(message.Id, out _);
            return false;
        }
        catch (Exception exception)
        {
            underWay.TryRemove(message.Id, out _);
            logger.LogWarning("A message to {Queue} was not confirmed: {Reason}", message.Queue, exception.Message);
            return false;
        }
    }
}

public readonly record struct OutboxKey(string OrgId, Guid Id);
