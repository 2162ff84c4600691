using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RabbitMQ.Client;
using ReactorJobs.Embedded.RabbitMq;

namespace ReactorJobs.Tests.Embedded;

/// <summary>A data folder for one test of a private RabbitMQ. What the test leaves running is killed: an orderly end takes RabbitMQ seconds.</summary>
public class PrivateRabbitMqFixture : DataFolderFixture, IAsyncLifetime
{
    protected const string Queue = "kept";

    readonly ConcurrentBag<PrivateRabbitMq> started = [];

    protected string Files => Path.Combine(DataFolder, "rabbitmq");
    protected string AddressFile => Path.Combine(DataFolder, "rabbitmq.json");

    protected async Task<PrivateRabbitMq> Start(string? dataFolder = null, string? binFolder = null)
    {
        var broker = await PrivateRabbitMq.Start(new(dataFolder ?? DataFolder, binFolder), TimeProvider.System, Progress, default).WaitAsync(Limit);
        started.Add(broker);
        return broker;
    }

    protected async Task<BrokerUnavailable> StartFails(string? binFolder = null)
    {
        var failure = await Assert.ThrowsAsync<BrokerUnavailable>(() => Start(binFolder: binFolder));
        Assert.DoesNotContain('\n', failure.Message);
        return failure;
    }

    protected static Task<IConnection> Connect(Uri amqp) => new ConnectionFactory { Uri = amqp, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();

    /// <summary>Declares a quorum queue, publishes a message to it and waits for the confirmation.</summary>
    protected static async Task Publish(Uri amqp, string text)
    {
        await using var connection = await Connect(amqp);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The text of the queue's next message, or null when it is empty.</summary>
    protected static async Task<string?> Take(Uri amqp)
    {
        await using var connection = await Connect(amqp);
        await using var channel = await connection.CreateChannelAsync();
        return await channel.BasicGetAsync(Queue, autoAck: true) is { } message ? Encoding.UTF8.GetString(message.Body.Span) : null;
    }

    /// <summary>What runs for a data folder, known by an environment that names it: the Erlang machine, its helpers, and an epmd if it has started one.</summary>
    protected static IReadOnlyList<int> ProcessesFor(string dataFolder) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id != 0 && Read($"/proc/{id}/environ").Contains($"{dataFolder}/rabbitmq", StringComparison.Ordinal))];

    protected static async Task UntilNoneRuns(string dataFolder)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (ProcessesFor(dataFolder).Count > 0) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    /// <summary>The addresses at which the processes listen, as the kernel writes them: <c>0100007F:1538</c> is 127.0.0.1:5432.</summary>
    protected static IReadOnlyList<string> Listening(IReadOnlyList<int> processes)
    {
        var sockets = processes
            .SelectMany(id => Directory.EnumerateFileSystemEntries($"/proc/{id}/fd"))
            .Select(descriptor => new FileInfo(descriptor).LinkTarget)
            .Where(target => target is not null && target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(target => target!["socket:[".Length..^1])
            .ToHashSet();
        return [.. ((string[])["/proc/net/tcp", "/proc/net/tcp6"])
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && sockets.Contains(fields[9]))
            .Select(fields => fields[1])];
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var broker in started)
        {
            if (!broker.Exited.IsCompleted) await Signal("KILL", broker.Pid);
            await broker.DisposeAsync();
        }
    }

    static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
