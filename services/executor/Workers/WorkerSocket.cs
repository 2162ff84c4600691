using System.Net.WebSockets;
using System.Threading.Channels;

namespace ReactorJobs.Executor.Workers;

/// <summary>One WebSocket: whole messages in, frames out, gathered into one message while the previous one is on its way.</summary>
public sealed class WorkerSocket(WebSocket socket, TimeProvider time, TimeSpan heartbeat) : IDisposable
{
    const int GatherBytes = 256 << 10;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    const int KeptBuffer = 256 << 10;

    readonly Channel<ServerFrame> outgoing = Channel.CreateUnbounded<ServerFrame>(new() { SingleReader = true });
    readonly FrameWriter writer = new(time, (long)heartbeat.TotalMilliseconds);
    readonly CancellationTokenSource broken = new();
    readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    byte[] buffer = new byte[16 << 10];
    Task writing = Task.CompletedTask;
    long received = time.GetTimestamp();
    long sent = time.GetTimestamp();

    public void Send(in ServerFrame frame) => outgoing.Writer.TryWrite(frame);

    /// <summary>The next message, valid until the next call; null when the other side has closed.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> Receive()
    {
        if (buffer.Length > KeptBuffer)
            buffer = new byte[16 << 10];
        var length = 0;
        for (; ; )
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), broken.Token);
            Volatile.Write(ref received, time.GetTimestamp());
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            if (part.MessageType == WebSocketMessageType.Binary)
                throw new ProtocolException(ProtocolException.InvalidFrame, "A message is text, not binary.");
            length += part.Count;
            if (part.EndOfMessage)
                return buffer.AsMemory(0, length);
            if (length < buffer.Length)
                continue;
            if (length >= FrameReader.MessageBytes)
                throw new ProtocolException(ProtocolException.InvalidFrame, $"The message is larger than {FrameReader.MessageBytes:N0} bytes.");
            Array.Resize(ref buffer, Math.Min(length * 2, FrameReader.MessageBytes + 1));
        }
    }

    /// <summary>Begins to send what is given to <see cref="Send"/>.</summary>
    public void Open() => writing = Write();

    async Task Write()
    {
        try
        {
            while (await outgoing.Reader.WaitToReadAsync(broken.Token))
            {
                writer.Begin();
                while (writer.Pending < GatherBytes && outgoing.Reader.TryRead(out var frame))
                    writer.Write(frame);
                writer.End();
                await socket.SendAsync(writer.Written, WebSocketMessageType.Text, endOfMessage: true, broken.Token);
                Volatile.Write(ref sent, time.GetTimestamp());
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            Break();
        }
    }

    /// <summary>Sends what is left and says goodbye.</summary>
    public async Task Finish(WebSocketCloseStatus status, string reason)
    {
        outgoing.Writer.TryComplete();
        await Task.WhenAny(writing, Task.Delay(Patience, time));
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await socket.CloseOutputAsync(status, reason, patience.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // The other side is gone already.
        }
    }

    /// <summary>
    /// Reads on until the other side has closed too, for a moment: a line that is cut with unread data on it loses what was said last.
    /// </summary>
    public async Task Drain()
    {
        using var patience = time.CreateTimer(_ => Break(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent && (await socket.ReceiveAsync(buffer.AsMemory(), broken.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // It is gone, which is as good.
        }
    }

    /// <summary>Completes when the connection is over.</summary>
    public Task Over => over.Task;

    public void Break() => broken.Cancel();

    /// <summary>Called now and then: pings a silent line, and breaks a dead one.</summary>
    public void KeepAlive()
    {
        if (time.GetElapsedTime(Volatile.Read(ref received)) > heartbeat * 3)
            Break();
        else if (time.GetElapsedTime(Volatile.Read(ref sent)) >= heartbeat)
            Send(new(ServerFrameKind.Ping));
    }

    public void Dispose()
    {
        over.TrySetResult();
        writer.Dispose();
        socket.Dispose();
    }
}
