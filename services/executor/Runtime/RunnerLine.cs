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
    const int KeptBuffer = 256 << 10;

    // Everybody may connect who sees it, and that is the one process whose folder it is in.
    const UnixFileMode Anybody = (UnixFileMode)0b110_110_110;

    readonly Channel<ServerFrame> outgoing = Channel.CreateUnbounded<ServerFrame>(new() { SingleReader = true });
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly FrameWriter writer;
    readonly string path;
    Socket? socket;
    byte[] buffer = new byte[16 << 10];

    public RunnerLine(string path, TimeProvider time)
    {
        this.path = path;
        writer = new(time, (long)Heartbeat.TotalMilliseconds);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        Sandbox.SetMode(path, Anybody);
        listener.Listen(1);
    }

    public void Send(in ServerFrame frame) => outgoing.Writer.TryWrite(frame);

    /// <summary>Takes the one connection that there is.</summary>
    public async Task Accept(CancellationToken stop)
    {
        socket = await listener.AcceptAsync(stop);
        listener.Dispose();
        File.Delete(path);
    }

    /// <summary>Sends what is given to <see cref="Send"/>, until the line ends.</summary>
    public async Task Write()
    {
        var header = new byte[HeaderBytes];
        try
        {
            while (await outgoing.Reader.WaitToReadAsync())
            {
                writer.Begin();
                while (writer.Pending < GatherBytes && outgoing.Reader.TryRead(out var frame))
                    writer.Write(frame);
                writer.End();
                BinaryPrimitives.WriteInt32BigEndian(header, writer.Written.Length);
                await SendAll(header);
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
        if (buffer.Length > KeptBuffer)
            buffer = new byte[16 << 10];
        if (!await Fill(buffer.AsMemory(0, HeaderBytes)))
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(buffer);
        if (length > FrameReader.MessageBytes)
            throw new ProtocolException(ProtocolException.InvalidFrame, $"The message is larger than {FrameReader.MessageBytes:N0} bytes.");
        if (buffer.Length < length)
            buffer = new byte[length];
        return await Fill(buffer.AsMemory(0, (int)length)) ? buffer.AsMemory(0, (int)length) : null;
    }

    async ValueTask<bool> Fill(Memory<byte> part)
    {
        while (part.Length > 0)
        {
            var read = await socket!.ReceiveAsync(part);
            if (read == 0)
                return false;
            part = part[read..];
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
