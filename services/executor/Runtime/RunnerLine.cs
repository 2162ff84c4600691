using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>
/// The socket of one function process: whole messages, each behind its length in four bytes. What is said before the process has connected
/// waits for it.
/// </summary>
sealed class RunnerLine : IDisposable
{
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(60);
    const int HeaderBytes = 4;
    const int GatherBytes = 256 << 10;
    const int KeptBuffer = 64 << 10;

    // Everybody may connect who sees it, and that is the one process whose folder it is in.
    const UnixFileMode Anybody = (UnixFileMode)0b110_110_110;

    readonly Channel<ServerFrame> outgoing = Channel.CreateUnbounded<ServerFrame>(new() { SingleReader = true });
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly FrameWriter writer;
    readonly string path;
    Socket? socket;
    byte[] buffer = new byte[KeptBuffer];
    int first;
    int end;

    public RunnerLine(string path, TimeProvider time)
    {
        this.path = path;
        writer = new(time, (long)Heartbeat.TotalMilliseconds);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        Sandbox.SetMode(path, Anybody);
        listener.Listen(1);
    }

    public void Send(in ServerFrame frame) => outgoing.Writer.TryWrite(frame);

    /// <summary>Takes the one connection that there is, unless it was taken before.</summary>
    public async Task Accept(CancellationToken stop)
    {
        if (socket is not null)
            return;
        socket = await listener.AcceptAsync(stop);
        listener.Dispose();
        File.Delete(path);
    }

    /// <summary>Sends what is given to <see cref="Send"/>, until the line ends.</summary>
    public async Task Write()
    {
        try
        {
            while (await outgoing.Reader.WaitToReadAsync())
            {
                writer.Begin(HeaderBytes);
                while (writer.Pending < GatherBytes && outgoing.Reader.TryRead(out var frame))
                    writer.Write(frame);
                writer.End();
                BinaryPrimitives.WriteInt32BigEndian(writer.Room, writer.Written.Length - HeaderBytes);
                await SendAll(writer.Written);
            }

            socket!.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The reading side finds out, and says why.
        }
    }

    async Task SendAll(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket!.SendAsync(bytes)..];
    }

    /// <summary>The next message, valid until the next call; null when the process has closed its side.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> Receive()
    {
        if (!await Fill(HeaderBytes))
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(first));
        if (length > FrameReader.MessageBytes)
            throw new ProtocolException(ProtocolException.InvalidFrame, $"The message is larger than {FrameReader.MessageBytes:N0} bytes.");
        if (!await Fill(HeaderBytes + (int)length))
            return null;
        var message = buffer.AsMemory(first + HeaderBytes, (int)length);
        first += HeaderBytes + (int)length;
        return message;
    }

    /// <summary>Reads on until there are so many bytes; what has come beyond them is the next messages'.</summary>
    async ValueTask<bool> Fill(int bytes)
    {
        if (first == end)
        {
            first = end = 0;
            if (buffer.Length > KeptBuffer && bytes <= KeptBuffer)
                buffer = new byte[KeptBuffer];
        }

        if (buffer.Length - first < bytes)
        {
            var next = buffer.Length < bytes ? new byte[bytes] : buffer;
            buffer.AsSpan(first, end - first).CopyTo(next);
            (buffer, first, end) = (next, 0, end - first);
        }

        while (end - first < bytes)
        {
            var read = await socket!.ReceiveAsync(buffer.AsMemory(end));
            if (read == 0)
                return false;
            end += read;
        }

        return true;
    }

    /// <summary>Sends what is left, and no more; the runner then ends itself.</summary>
    public void Finish() => outgoing.Writer.TryComplete();

    public void Dispose()
    {
        Finish();
        listener.Dispose();
        socket?.Dispose();
    }
}
