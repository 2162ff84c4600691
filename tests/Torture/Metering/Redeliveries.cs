using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Embedded.RabbitMq;

namespace ReactorJobs.Tests.Torture.Metering;

/// <summary>What RabbitMQ says of itself by its management, which forgets with each of its starts: so it is asked all the time.</summary>
sealed class Redeliveries : IAsyncDisposable
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    readonly HttpClient client;
    readonly CancellationTokenSource stopping = new();
    readonly TimeProvider time;
    readonly Task watching;
    long last;

    public Redeliveries(BrokerKeeper broker, TimeProvider time)
    {
        this.time = time;
        client = new() { BaseAddress = broker.Management, Timeout = TimeSpan.FromSeconds(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{broker.User}:{broker.Password}")));
        watching = Task.Run(Watch);
    }

    /// <summary>Messages that were delivered again, because their consumer had not acknowledged them when its connection ended.</summary>
    public long Count { get; private set; }

    /// <summary>Queues that hold messages, with how many; those of a start that is gone are worth nothing and wait for their end. Null while nobody says.</summary>
    public async Task<IReadOnlyDictionary<string, long>?> LeftInQueues()
    {
        if (await Ask("/api/queues?columns=name,messages,consumers") is not { } queues)
            return null;
        using (queues)
            return queues.RootElement.EnumerateArray()
                .Select(x => (Name: x.GetProperty("name").GetString()!, Messages: Number(x, "messages"), Consumers: Number(x, "consumers")))
                .Where(x => x.Messages > 0 && !(Queues.IsOneStarts(x.Name) && x.Consumers == 0))
                .ToDictionary(x => x.Name, x => x.Messages);
    }

    async Task Watch()
    {
        while (!stopping.IsCancellationRequested)
        {
            if (await Ask("/api/overview?columns=message_stats.redeliver") is { } overview)
                using (overview)
                {
                    var now = overview.RootElement.TryGetProperty("message_stats", out var stats) ? Number(stats, "redeliver") : 0;
                    Count += now >= last ? now - last : now;
                    last = now;
                }

            await Task.Delay(Every, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    async Task<JsonDocument?> Ask(string path)
    {
        try
        {
            return JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), stopping.Token));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or JsonException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await watching;
        client.Dispose();
        stopping.Dispose();
    }
}
