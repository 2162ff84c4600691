using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Bus;

public sealed class Messages_over_RabbitMQ(Broker broker) : IClassFixture<Broker>
{
    readonly IdSource ids = new(TimeProvider.System);
    readonly ConcurrentDictionary<EventId, int> heard = new();

    [Fact]
    public async Task Every_queue_is_a_quorum_queue_with_a_limit_of_deliveries_and_a_poison_queue_beside_it()
    {
        await using var process = await broker.Process("events-1", Hear);
        await Broker.Until("the queues are there", async () => (await broker.Queues()).Count(x => Name(x).Contains("events", StringComparison.Ordinal)) >= 3);

        var queues = (await broker.Queues()).Where(x => Name(x).StartsWith("events", StringComparison.Ordinal)).ToArray();
        Assert.All(queues, queue => Assert.Equal("quorum", queue.GetProperty("type").GetString()));
        var events = queues.Single(x => Name(x) == "events.emitted").GetProperty("arguments");
        Assert.Equal(20, events.GetProperty("x-delivery-limit").GetInt32());
        Assert.Equal("events.emitted.poison", events.GetProperty("x-dead-letter-exchange").GetString());
        Assert.Contains(queues, x => Name(x) == "events.emitted.poison");
        var receipts = Assert.Single(queues, x => Name(x).StartsWith("events-1.receipts.", StringComparison.Ordinal));
        Assert.Equal(600_000, receipts.GetProperty("arguments").GetProperty("x-expires").GetInt32());
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_is_not_confirmed()
    {
        await using var process = await broker.Process("executor-1", Hear);
        var publisher = await Broker.Publisher(process);
        var refused = await Assert.ThrowsAsync<NotConfirmed>(() => publisher.Publish(OutboxMessage.For(ids.Next(), "acme", "executor.gone", new CancelAttempt("acme", ids.NewRun(), 1, "cancelled"))));
        Assert.Equal("There is no queue executor.gone.", refused.Message);
    }

    [Fact]
    public async Task An_event_is_confirmed_when_its_consumer_has_committed_it_and_not_before()
    {
        var committed = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var mine = Event();
        await using var process = await broker.Process("executor-1", async emitted =>
        {
            if (emitted.EventId == mine.EventId)
            {
                begun.TrySetResult();
                await committed.Task;
            }
        });
        var publisher = await Broker.Publisher(process);

        var published = publisher.Publish(Message(mine));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(published.IsCompleted);
        committed.SetResult();
        await published.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Another_team_publishes_by_plain_AMQP_or_with_MassTransit()
    {
        await using var process = await broker.Process("events-1", Hear);
        await Broker.Publisher(process);
        await using var connection = await broker.Connect();
        await using var channel = await connection.CreateChannelAsync();
        await Broker.Until("the contract's exchange is there", async () => (await broker.Queues()).Any(x => Name(x) == "events.emitted" && x.TryGetProperty("consumers", out var consumers) && consumers.GetInt32() > 0));

        var plain = Event();
        var body = $$$"""
            {"messageType": ["urn:message:ReactorJobs.Contracts:EventEmitted"], "message":
              {"orgId": "acme", "eventId": "{{{plain.EventId}}}", "topic": "order.paid", "payload": {"total": 1.50}, "emittedAt": "2026-03-01T12:00:00Z"}}
            """;
        await channel.BasicPublishAsync(
            "ReactorJobs.Contracts:EventEmitted", "", mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" }, Encoding.UTF8.GetBytes(body));
        var typed = Event();
        await process.Bus.Publish(typed);

        await Broker.Until("both were heard", () => Task.FromResult(heard.ContainsKey(plain.EventId) && heard.ContainsKey(typed.EventId)));
    }

    [Fact]
    public async Task What_cannot_be_read_or_is_refused_ends_in_the_poison_queue_with_its_reason()
    {
        var refused = Event();
        await using var process = await broker.Process("events-1", emitted => emitted.EventId == refused.EventId ? throw new ArgumentException("its org is missing") : Hear(emitted));
        await Broker.Publisher(process);
        await using var connection = await broker.Connect();
        await using var channel = await connection.CreateChannelAsync();
        await Broker.Until("the queue is there", async () => (await broker.Queues()).Any(x => Name(x) == "events.emitted"));
        var json = new BasicProperties { ContentType = "application/vnd.masstransit+json" };
        await channel.BasicPublishAsync("", "events.emitted", mandatory: true, json, "not even JSON"u8.ToArray());
        await channel.BasicPublishAsync("", "events.emitted", mandatory: true, json, Message(refused).Body);

        var reasons = new List<string>();
        await Broker.Until("both are in the poison queue", async () =>
        {
            if (await channel.BasicGetAsync("events.emitted.poison", autoAck: true) is { } found)
                reasons.Add(Encoding.UTF8.GetString((byte[])found.BasicProperties.Headers!["MT-Fault-Message"]!));
            return reasons.Count == 2;
        });
        Assert.Contains(reasons, x => x.Contains("its org is missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broker_that_is_killed_confirms_nothing_and_is_used_again_when_it_is_back()
    {
        var gate = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var first = Event();
        await using var process = await broker.Process("executor-1", async emitted =>
        {
            if (emitted.EventId == first.EventId)
            {
                begun.TrySetResult();
                await gate.Task;
            }

            await Hear(emitted);
        });
        var publisher = await Broker.Publisher(process);
        var pending = publisher.Publish(Message(first));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var restarted = new TaskCompletionSource();
        broker.Keeper.Restarted += () => restarted.TrySetResult();
        using (var server = System.Diagnostics.Process.GetProcessById(broker.Keeper.Pid))
            server.Kill();
        await Assert.ThrowsAsync<NotConfirmed>(() => pending);
        gate.SetResult();
        await restarted.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var second = Event();
        // A sweeper does the same: until its consumers are back, and have declared what is not there yet, a message is not confirmed.
        await Broker.Until("it is used again", async () =>
        {
            try
            {
                await publisher.Publish(Message(second)).WaitAsync(TimeSpan.FromSeconds(60));
                return true;
            }
            catch (NotConfirmed)
            {
                return false;
            }
        });
        Assert.True(heard.ContainsKey(second.EventId));
    }

    Task Hear(EventEmitted emitted)
    {
        heard.AddOrUpdate(emitted.EventId, 1, static (_, times) => times + 1);
        return Task.CompletedTask;
    }

    EventEmitted Event() => new("acme", ids.NewEvent(), "order.paid", RawJson.Trusted("1"), TimeProvider.System.GetUtcNow());

    static OutboxMessage Message(EventEmitted emitted) => OutboxMessage.For(emitted.EventId.Value, "acme", Queues.Events, emitted);

    static string Name(JsonElement queue) => queue.GetProperty("name").GetString()!;
}
