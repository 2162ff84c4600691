using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Tests.Bus;

/// <summary>RabbitMQ refuses a process for a while, which MassTransit takes for final: its consumers are there again all the same.</summary>
public sealed class Consumers_come_back(Broker broker) : IClassFixture<Broker>
{
    const string Admin = "another";
    readonly IdSource ids = new(TimeProvider.System);

    [Fact]
    public async Task When_their_password_was_wrong_for_a_while()
    {
        var heard = new TaskCompletionSource<EventEmitted>();
        await using var process = await broker.Process("events-1", emitted =>
        {
            heard.TrySetResult(emitted);
            return Task.CompletedTask;
        });
        var publisher = await Broker.Publisher(process);
        var bus = process.Services.GetRequiredService<IBusControl>();
        await Broker.Until("the consumers are there", () => Task.FromResult(bus.CheckHealth().Status == BusHealthStatus.Healthy));

        using (var own = broker.Manage())
            (await own.PutAsJsonAsync($"/api/users/{Admin}", new { password = broker.Keeper.Password, tags = "administrator" })).EnsureSuccessStatusCode();
        using var admin = broker.Manage(Admin);
        await SetPassword(admin, "another one");
        await EndConnections(admin);
        // The publisher's attempts, and those of the consumers.
        await Broker.Until("all were refused", () => Task.FromResult(broker.Log.Split("invalid credentials").Length > 4));
        Assert.NotEqual(BusHealthStatus.Healthy, bus.CheckHealth().Status);
        await SetPassword(admin, broker.Keeper.Password);

        publisher = await Broker.Publisher(process);
        var mine = new EventEmitted("acme", ids.NewEvent(), "order.done", RawJson.Trusted("1"), DateTimeOffset.UnixEpoch);
        await Broker.Until("the consumers are there again", () => Task.FromResult(bus.CheckHealth().Status == BusHealthStatus.Healthy));
        await publisher.Publish(OutboxMessage.For(ids.Next(), "acme", Queues.Events, mine));
        Assert.Equal(mine.EventId, (await heard.Task).EventId);
    }

    /// <summary>MassTransit waits for what its consumer has taken before it starts another one, and calls it healthy meanwhile.</summary>
    [Fact]
    public async Task When_MassTransit_thinks_that_they_are_there()
    {
        var (first, last, over) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var process = await broker.Process("events-2", async emitted =>
        {
            if (emitted.Topic == "last")
                last.TrySetResult();
            else if (first.TrySetResult())
                await over.Task;
        });
        var bus = process.Services.GetRequiredService<IBusControl>();
        try
        {
            var publisher = await Broker.Publisher(process);
            await publisher.Send(Emitted("first"));
            await first.Task.WaitAsync(Broker.Limit);
            using (var admin = broker.Manage())
                await EndConnections(admin);
            await Broker.Until("it is noticed", () => Task.FromResult(process.Log.Any(x => x.Contains("nobody reads /reactor/events.emitted", StringComparison.Ordinal))));
            Assert.Equal(BusHealthStatus.Healthy, bus.CheckHealth().Endpoints.Values.Single(x => x.InputAddress.Segments[^1] == Queues.Events).Status);
        }
        finally
        {
            over.TrySetResult();
        }

        await (await Broker.Publisher(process)).Send(Emitted("last"));
        await last.Task.WaitAsync(Broker.Limit);
    }

    OutboxMessage Emitted(string topic) =>
        OutboxMessage.For(ids.Next(), "acme", Queues.Events, new EventEmitted("acme", ids.NewEvent(), topic, RawJson.Trusted("1"), DateTimeOffset.UnixEpoch));

    async Task SetPassword(HttpClient admin, string password) =>
        (await admin.PutAsJsonAsync($"/api/users/{broker.Keeper.User}", new { password, tags = "administrator" })).EnsureSuccessStatusCode();

    static async Task EndConnections(HttpClient admin) => await Broker.Until("its connections are ended", async () =>
    {
        using var connections = JsonDocument.Parse(await admin.GetStringAsync(new Uri("/api/connections", UriKind.Relative)));
        foreach (var connection in connections.RootElement.EnumerateArray())
            (await admin.DeleteAsync(new Uri($"/api/connections/{Uri.EscapeDataString(connection.GetProperty("name").GetString()!)}", UriKind.Relative))).Dispose();
        return connections.RootElement.GetArrayLength() > 0;
    });
}
