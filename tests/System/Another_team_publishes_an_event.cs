using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;
using RabbitMQ.Client;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

/// <summary>
/// Another team's service, which knows the page about the bus and none of this code, publishes onto RabbitMQ with a type of its own: a run of the
/// job that listens completes. What it gets wrong is in the poison queue, with the reason.
/// </summary>
public sealed class Another_team_publishes_an_event : IAsyncLifetime
{
    const string Exchange = "ReactorJobs.Contracts:EventEmitted";
    const string Queue = "events.emitted";

    readonly SuiteProcess suite = new() { InSeveralProcesses = true, Scale = "executor=1,scheduler=1" };
    WorkerProcess worker = null!;
    Api api = null!;
    IConnection connection = null!;
    IChannel channel = null!;

    public async Task InitializeAsync()
    {
        suite.Launch();
        await suite.Serves();
        api = new(suite.Url, suite.Token);
        worker = WorkerProcess.Start(suite, "handlers.mjs");
        connection = await new ConnectionFactory { Uri = suite.Amqp }.CreateConnectionAsync();
        channel = await connection.CreateChannelAsync();
        await api.Job("receipt", new { handler = "echo", triggers = new[] { new { kind = "event", topic = "order.paid" } } });
    }

    public async Task DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        if (worker is not null)
            await worker.DisposeAsync();
        api?.Dispose();
        await suite.DisposeAsync();
    }

    [Fact]
    public async Task In_each_of_the_ways_that_the_bus_takes()
    {
        await WithMassTransit(new OrderPaid(Id(1), Org, "order.paid", new(1, "with MassTransit")));
        await Plain(Exchange, "", "application/vnd.masstransit+json", new { messageType = new[] { $"urn:message:{Exchange}" }, message = new OrderPaid(Id(2), Org, "order.paid", new(2, "in its envelope")) });
        await Plain(Exchange, "", "application/json", new OrderPaid(Id(3), Org, "order.paid", new(3, "to the exchange")));
        await Plain("", Queue, "application/json", new OrderPaid(Id(4), Org, "order.paid", new(4, "to the queue")));
        // The same one again is the same event.
        await Plain("", Queue, "application/json", new OrderPaid(Id(4), Org, "order.paid", new(4, "to the queue")));

        foreach (var (number, text) in new[] { (1, "with MassTransit"), (2, "in its envelope"), (3, "to the exchange"), (4, "to the queue") })
        {
            var id = await RunOf(Id(number));
            // Its start is a message of its own.
            await Until.True($"{id} is there", async () => (await api.Get($"/jobs/v1/runs/{id}")).Status == global::System.Net.HttpStatusCode.OK);
            var run = await api.Ended(id);
            Assert.Equal("completed", (string?)run["status"]);
            Assert.Equal($$"""{"order":{{number}},"text":"{{text}}"}""", run["result"]!.ToJsonString());
        }

        Assert.Equal(4, (await api.All("/jobs/v1/runs?job_id=receipt")).Count);
    }

    [Fact]
    public async Task And_finds_what_was_wrong_in_the_poison_queue_with_its_reason()
    {
        var order = new OrderPaid(Id(9), Org, "order.paid", new(9, "x"));
        (object Body, string Reason)[] bad =
        [
            (order with { OrgId = "nobody" }, "there is no org \"nobody\""),
            (order with { OrgId = null }, "its org is missing"),
            (order with { EventId = null }, "not an id that begins with evt_"),
            (order with { EventId = "evt_9" }, "not an id that begins with evt_"),
            (order with { Topic = "order\npaid" }, "its topic must not contain control characters"),
            (order with { Topic = null }, "its topic must not be empty"),
            (order with { Payload = new(9, new string('x', 1 << 20)) }, "its payload has more than 1048576 bytes"),
            ("no object", ""),
        ];
        foreach (var (body, _) in bad)
            await Plain("", Queue, "application/json", body);
        await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties { ContentType = "application/json" }, "not even JSON"u8.ToArray());

        var reasons = new List<string>();
        await Until.True("all of them are in the poison queue", async () =>
        {
            while (await channel.BasicGetAsync(Queue + ".poison", autoAck: true) is { } found)
                reasons.Add(Encoding.UTF8.GetString((byte[])found.BasicProperties.Headers!["MT-Fault-Message"]!));
            return reasons.Count == bad.Length + 1;
        });

        foreach (var (_, reason) in bad)
            Assert.Contains(reasons, x => x.Contains(reason, StringComparison.OrdinalIgnoreCase));
        Assert.Empty(await api.All("/jobs/v1/_admin/events?topic=order.paid"));
    }

    static string Org => "acme";

    static string Id(int number) => $"evt_01KB000000000000000000000{number}";

    async Task<string> RunOf(string id) => (string)(await Until.Some($"{id} has started a run", async () =>
        (await api.Get($"/jobs/v1/_admin/events/{id}")) is { Status: global::System.Net.HttpStatusCode.OK } answer ? answer.Json["delivered_to"]!.AsArray().SingleOrDefault() : null))["run_id"]!;

    async Task Plain(string exchange, string key, string contentType, object body) => await channel.BasicPublishAsync(
        exchange, key, mandatory: true, new BasicProperties { ContentType = contentType }, JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), JsonSerializerOptions.Web));

    async Task WithMassTransit(OrderPaid order)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(configurator => configurator.Host(suite.Amqp));
        await bus.StartAsync();
        await bus.Publish(order);
        await bus.StopAsync();
    }

    /// <summary>The publisher's own type.</summary>
    [MessageUrn(Exchange), EntityName(Exchange)]
    public sealed record OrderPaid(string? EventId, string? OrgId, string? Topic, Order Payload);

    public sealed record Order([property: global::System.Text.Json.Serialization.JsonPropertyName("order")] int Number, string Text);
}
