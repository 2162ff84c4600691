using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ReactorJobs.Contracts;
using ReactorJobs.Embedded.RabbitMq;
using ReactorJobs.Tests.Torture.Checking;
using ReactorJobs.Tests.Torture.Suites;

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

    /// <summary>
    /// What is not as it should be with the queues when all is over: messages in them, but for those of a start that is gone, which are worth
    /// nothing and wait for their end; and processes that do not read theirs. Null while nobody says.
    /// </summary>
    public async Task<IReadOnlyList<Leftover>?> LeftInQueues(Shape shape)
    {
        if (await Ask("/api/queues?columns=name,messages,consumers") is not { } answer)
            return null;
        using (answer)
        {
            var queues = answer.RootElement.EnumerateArray()
                .Select(x => (Name: x.GetProperty("name").GetString()!, Messages: Number(x, "messages"), Consumers: Number(x, "consumers"))).ToArray();
            return
            [
                .. queues.Where(x => x.Messages > 0 && !(Queues.IsOneStarts(x.Name) && x.Consumers == 0)).Select(x => new Leftover($"queue {x.Name}", x.Messages)),
                .. Readers(shape).Select(x => new Leftover($"processes that do not read {x.Queue}", x.Processes - queues.Where(queue => IsOf(queue.Name, x.Queue)).Sum(queue => queue.Consumers)))
                    .Where(x => x.Count != 0),
            ];
        }
    }

    static IEnumerable<(string Queue, int Processes)> Readers(Shape shape) =>
    [
        (Queues.Attempts, shape.Schedulers), (Queues.Starts, shape.Schedulers), (Queues.Events, shape.Events), (Queues.Refusals, shape.Events),
        (Queues.Executor(default), shape.Executors), (Queues.Advertisements(default), shape.Schedulers),
        .. shape.Services.Select(name => (Queues.Receipts(name, default), 1)),
    ];

    /// <summary>The queue itself, or that of another start.</summary>
    static bool IsOf(string queue, string one) => queue == one || (Queues.IsOneStarts(queue) && Queues.IsOneStarts(one) && Kind(queue) == Kind(one));

    static string Kind(string queue) => queue[..queue.LastIndexOf('.')];

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
