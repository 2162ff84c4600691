using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace ReactorJobs.Tests.Executor;

/// <summary>The other end of a worker's connection, frame by frame.</summary>
public sealed class TestWorker : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    readonly ClientWebSocket socket = new();
    readonly Queue<JsonElement> received = new();
    byte[] buffer = new byte[1 << 20];
    long id;

    public static async Task<TestWorker> Connect(ExecutorHost host, string org = "acme")
    {
        var worker = new TestWorker();
        worker.socket.Options.SetRequestHeader("Authorization", "Bearer " + org);
        await worker.socket.ConnectAsync(new UriBuilder(host.Url) { Scheme = "ws", Path = "/jobs/v1/_worker" }.Uri, default);
        return worker;
    }

    /// <summary>Connected, welcomed and advertised.</summary>
    public static async Task<TestWorker> Join(ExecutorHost host, int slots = 10, string org = "acme", params string[] handlers)
    {
        var worker = await Connect(host, org);
        await worker.Send(new { t = "hello", protocol = 1, sdk = "test 1", name = "tester:1", handlers = handlers.Length == 0 ? ["h"] : handlers, slots });
        await worker.Next("welcome");
        return worker;
    }

    public long NextId() => ++id;

    public Task Send(params object[] frames) => SendText(JsonSerializer.Serialize(frames));

    public Task SendText(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    public async Task<JsonElement> Next(string type)
    {
        var frame = await Next();
        Assert.True(frame.GetProperty("t").GetString() == type, $"expected {type}: {frame}");
        return frame;
    }

    /// <summary>The next frame that is no ping; undefined when the server has closed.</summary>
    public async Task<JsonElement> Next()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (received.Count == 0)
        {
            var length = 0;
            for (; ; )
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, length * 2);
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
                    return default;
                }

                length += part.Count;
                if (part.EndOfMessage)
                    break;
            }

            using var message = JsonDocument.Parse(buffer.AsMemory(0, length));
            foreach (var frame in message.RootElement.EnumerateArray())
                if (frame.GetProperty("t").GetString() != "ping")
                    received.Enqueue(frame.Clone());
        }

        return received.Dequeue();
    }

    public int? CloseCode => (int?)socket.CloseStatus;

    /// <summary>Breaks the line without a word.</summary>
    public void Break() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
