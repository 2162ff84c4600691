using Microsoft.Extensions.Logging.Abstractions;
using ReactorJobs.Hosting.Bus;

namespace ReactorJobs.Tests.Scheduler;

/// <summary>Published after the commit, deleted after the confirmation, and found again by the sweeper in every other case.</summary>
public sealed class The_outbox_forgets_what_is_confirmed
{
    readonly Dictionary<Guid, TaskCompletionSource> broker = [];
    readonly List<Guid> sent = [];
    readonly Outbox outbox;

    public The_outbox_forgets_what_is_confirmed() => outbox = new(message =>
    {
        sent.Add(message.Id);
        return (broker[message.Id] = new()).Task;
    }, NullLogger.Instance);

    [Fact]
    public void Confirmed_it_goes_with_the_next_group()
    {
        var message = Message(1);
        outbox.Publish([message]);
        Assert.True(outbox.IsUnderWay(message.Id));
        Assert.False(outbox.HasConfirmed);

        broker[message.Id].SetResult();

        var keys = outbox.TakeConfirmed();
        Assert.Equal([new OutboxKey("acme", message.Id)], keys);
        Assert.True(outbox.IsUnderWay(message.Id)); // the row is there until that group has committed
        outbox.Forget(keys);
        Assert.False(outbox.IsUnderWay(message.Id));
    }

    [Fact]
    public void Under_way_it_is_not_sent_twice()
    {
        outbox.Publish([Message(1)]);
        outbox.Publish([Message(1), Message(2)]);
        Assert.Equal([Message(1).Id, Message(2).Id], sent);
    }

    [Fact]
    public void Refused_it_is_the_sweepers_again()
    {
        var message = Message(1);
        outbox.Publish([message]);
        broker[message.Id].SetException(new IOException("the broker is gone"));

        Assert.False(outbox.IsUnderWay(message.Id));
        Assert.False(outbox.HasConfirmed);
        outbox.Publish([message]);
        Assert.Equal(2, sent.Count);
    }

    [Fact]
    public void A_failed_group_gives_its_confirmations_back()
    {
        foreach (var message in new[] { Message(1), Message(2), Message(3) })
        {
            outbox.Publish([message]);
            broker[message.Id].SetResult();
        }

        var two = outbox.TakeConfirmed(most: 2);
        Assert.Equal(2, two.Count);
        outbox.Return(two);
        Assert.Equal(3, outbox.TakeConfirmed().Count);
    }

    [Fact]
    public void Expired_it_is_dropped_without_being_sent()
    {
        outbox.Drop([Message(1)]);
        Assert.Empty(sent);
        Assert.Equal([new OutboxKey("acme", Message(1).Id)], outbox.TakeConfirmed());
    }

    static OutboxMessage Message(int n) => new(new Guid(n, 0, 0, new byte[8]), "acme", "queue", []);
}
