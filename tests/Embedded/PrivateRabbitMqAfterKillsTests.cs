using System.Text.Json;

namespace ReactorJobs.Tests.Embedded;

/// <summary>A broker ends with its host however that ends, and a start ends what a killed one left.</summary>
public sealed class PrivateRabbitMqAfterKillsTests : PrivateRabbitMqFixture
{
    [Fact]
    public async Task A_broker_that_outlived_its_host_is_ended_by_the_next_start_and_its_messages_are_kept()
    {
        var (host, orphan) = await StartHostProcess(DataFolder, server: "rabbitmq");
        using (host)
        {
            await Publish(await StoredAmqp(), "hello");
            foreach (var watch in ChildrenOf(host, except: orphan)) await Signal("KILL", watch);
            host.Kill();
            await host.WaitForExitAsync();
        }

        Assert.True(IsAlive(orphan));

        var again = await Start();
        Assert.False(IsAlive(orphan));
        Assert.Contains(Reported, line => line.StartsWith($"ending RabbitMQ {orphan},", StringComparison.Ordinal));
        Assert.Equal(await StoredAmqp(), again.Amqp);
        Assert.Equal("hello", await Take(again.Amqp));
    }

    [Fact]
    public async Task A_broker_ends_soon_after_its_killed_host()
    {
        var (host, broker) = await StartHostProcess(DataFolder, server: "rabbitmq");
        using (host)
        {
            host.Kill();
            await UntilGone(broker);
        }

        await UntilNoneRuns(DataFolder);
    }

    async Task<Uri> StoredAmqp()
    {
        var address = JsonDocument.Parse(await File.ReadAllTextAsync(AddressFile)).RootElement;
        string Text(string name) => address.GetProperty(name).GetString()!;
        return new($"amqp://{Text("user")}:{Text("password")}@127.0.0.1:{address.GetProperty("ports").GetProperty("amqp")}/{Text("virtual_host")}");
    }
}
