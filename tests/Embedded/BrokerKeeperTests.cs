using System.Text;
using RabbitMQ.Client.Exceptions;
using ReactorJobs.Embedded.RabbitMq;

namespace ReactorJobs.Tests.Embedded;

/// <summary>A broker that is killed comes back where it was.</summary>
public sealed class BrokerKeeperTests : PrivateRabbitMqFixture
{
    [Fact]
    public async Task The_keeper_has_a_killed_broker_back_where_it_was_with_its_messages_and_empty_when_its_folder_was_deleted()
    {
        await using var keeper = await BrokerKeeper.Start(new(DataFolder), TimeProvider.System, Progress, default).WaitAsync(Limit);
        var (amqp, management) = (keeper.Amqp, keeper.Management);
        var first = keeper.Pid;

        // A queue just declared: RabbitMQ has not written it down. It is not there any more, or it serves.
        await Publish(amqp, "at the kill");
        await UntilBackAfterAKill(keeper);
        Assert.NotEqual(first, keeper.Pid);
        await Publish(amqp, "after the kill");
        Assert.NotNull(await Take(amqp));
        while (await Take(amqp) is not null)
        {
        }

        await Publish(amqp, "kept");
        await UntilWrittenDown(Queue);
        await UntilBackAfterAKill(keeper);
        Assert.Equal((amqp, management), (keeper.Amqp, keeper.Management));
        Assert.Equal("kept", await Take(amqp));

        await UntilBackAfterAKill(keeper, () => DeleteAsAPersonWould(Files));
        var missing = await Assert.ThrowsAsync<OperationInterruptedException>(() => Take(amqp));
        Assert.Equal(404, missing.ShutdownReason!.ReplyCode);
        await Publish(amqp, "after the loss");
        Assert.Equal("after the loss", await Take(amqp));
        await Signal("KILL", keeper.Pid);
    }

    [Fact]
    public async Task Only_a_queues_log_that_is_not_written_down_is_lost()
    {
        var quorum = Directory.CreateDirectory(Path.Combine(Root, "quorum", BrokerSettings.NodeName)).FullName;
        Assert.False(LostLogs.IsAny(OtherFolder("none")));
        Assert.False(LostLogs.IsAny(Root));

        Directory.CreateDirectory(Path.Combine(quorum, "REACTOI27Y3G20XX56"));
        Assert.True(LostLogs.IsAny(Root));

        var names = Path.Combine(quorum, "names.dets");
        await File.WriteAllTextAsync(names, "\0\u0001REACTOI27Y3G20XX56\u0002reactor_kept\0");
        Assert.False(LostLogs.IsAny(Root));

        Directory.CreateDirectory(Path.Combine(quorum, "REACTOJI789WNRHCDC"));
        Assert.True(LostLogs.IsAny(Root));
    }

    /// <summary>When RabbitMQ has noted on disk which log is a queue's, about a second after it was declared.</summary>
    async Task UntilWrittenDown(string queue)
    {
        var names = Path.Combine(Files, "mnesia", BrokerSettings.NodeName, "quorum", BrokerSettings.NodeName, "names.dets");
        using var limit = new CancellationTokenSource(Limit);
        while ((await File.ReadAllBytesAsync(names)).AsSpan().IndexOf(Encoding.UTF8.GetBytes($"reactor_{queue}")) < 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    /// <summary>Kills the broker, perhaps does something at once, and waits until the keeper has the next one.</summary>
    static async Task UntilBackAfterAKill(BrokerKeeper keeper, Action? also = null)
    {
        var restarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note() => restarted.TrySetResult();
        keeper.Restarted += Note;
        await Signal("KILL", keeper.Pid);
        also?.Invoke();
        await restarted.Task.WaitAsync(Limit);
        keeper.Restarted -= Note;
    }

    /// <summary>While the next server may be writing to it already.</summary>
    static void DeleteAsAPersonWould(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // "Directory not empty": what was there is gone all the same.
        }
    }
}
