using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace ReactorJobs.Tests.System.Harness;

/// <summary>
/// Keeps the ledger for handlers that cannot write a file: a line per entry over loopback, each answered by a line end when it is on the disk.
/// It is in the test's own process, which nothing kills, and its clock stamps all lines: a step's start when it is about to begin, its
/// acknowledgement when the handler has it.
/// </summary>
sealed class LedgerServer : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly Channel<(string Line, Stream Writer)> lines = Channel.CreateUnbounded<(string, Stream)>(new() { SingleReader = true });
    readonly FileStream file;
    readonly Task accepting;
    readonly Task keeping;

    public LedgerServer(string folder)
    {
        file = new(Path.Combine(folder, "server.ledger"), FileMode.Append, FileAccess.Write, FileShare.Read);
        listener.Start();
        accepting = Accept();
        keeping = Task.Run(Keep);
    }

    public string Address => listener.LocalEndpoint.ToString()!;

    async Task Accept()
    {
        try
        {
            for (var number = 1; ; number++)
                _ = Serve(await listener.AcceptTcpClientAsync(), number);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    /// <param name="number">Stands for the process: in its sandbox each one is process 1.</param>
    async Task Serve(TcpClient client, int number)
    {
        using var connection = client;
        connection.NoDelay = true;
        var stream = connection.GetStream();
        var reader = PipeReader.Create(stream);
        try
        {
            for (ReadResult read; !(read = await reader.ReadAsync()).IsCompleted;)
                reader.AdvanceTo(Take(read.Buffer, number, stream), read.Buffer.End);
        }
        catch (IOException)
        {
            // The process was killed: what it wrote before is here.
        }
    }

    /// <summary>Whole lines only: one that a kill cut off never counts.</summary>
    SequencePosition Take(ReadOnlySequence<byte> bytes, int number, Stream writer)
    {
        while (bytes.PositionOf((byte)'\n') is { } end)
        {
            var line = Encoding.UTF8.GetString(bytes.Slice(0, end));
            lines.Writer.TryWrite((string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetTimestamp()} {number} {line}\n"), writer));
            bytes = bytes.Slice(bytes.GetPosition(1, end));
        }

        return bytes.Start;
    }

    /// <summary>Lines that come together are synced together.</summary>
    async Task Keep()
    {
        var kept = new List<Stream>();
        while (await lines.Reader.WaitToReadAsync())
        {
            while (lines.Reader.TryRead(out var line))
            {
                file.Write(Encoding.UTF8.GetBytes(line.Line));
                kept.Add(line.Writer);
            }

            file.Flush(flushToDisk: true);
            foreach (var writer in kept.GroupBy(x => x))
                try
                {
                    await writer.Key.WriteAsync(Encoding.UTF8.GetBytes(new string('\n', writer.Count())));
                }
                catch (Exception exception) when (exception is IOException or ObjectDisposedException)
                {
                    // Its process was killed meanwhile.
                }

            kept.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await accepting;
        lines.Writer.Complete();
        await keeping;
        await file.DisposeAsync();
    }
}
