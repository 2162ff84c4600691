using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Tests.Runtime;

/// <summary>The line between the executor and a function's process, however the stream cuts what is sent over it.</summary>
public sealed class Messages_arrive_whole : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("line-under-test-");
    readonly Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    RunnerLine line = null!;

    public async Task InitializeAsync()
    {
        var path = Path.Combine(folder.FullName, "s");
        line = new(path, TimeProvider.System);
        await other.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await line.Accept(default);
    }

    public Task DisposeAsync()
    {
        line.Dispose();
        other.Dispose();
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task From_the_process(int seed)
    {
        var dice = new Random(seed);
        byte[][] messages = [.. Enumerable.Range(0, 400).Select(_ => new byte[dice.Next(20) == 0 ? dice.Next(1 << 20) : dice.Next(2000)])];
        foreach (var message in messages)
            dice.NextBytes(message);
        var stream = messages.SelectMany(message => (byte[])[.. Header(message.Length), .. message]).ToArray();
        var sending = Task.Run(async () =>
        {
            for (int from = 0, to; from < stream.Length; from = to)
            {
                to = Math.Min(stream.Length, from + 1 + dice.Next(100_000));
                await SendAll(stream.AsMemory(from..to));
            }

            other.Shutdown(SocketShutdown.Send);
        });

        foreach (var message in messages)
            Assert.True((await line.Receive())!.Value.Span.SequenceEqual(message));
        Assert.Null(await line.Receive());
        await sending;
    }

    [Fact]
    public async Task One_that_is_too_large_is_refused()
    {
        await SendAll(Header(FrameReader.MessageBytes + 1));
        await Assert.ThrowsAsync<ProtocolException>(async () => await line.Receive());
    }

    [Fact]
    public async Task To_the_process()
    {
        string[] texts = ["short", new('x', 3 << 20), "last"];
        var writing = line.Write();
        foreach (var text in texts)
            line.Send(ServerFrame.Error("code", text));
        line.Finish();
        var frames = new List<string>();
        var header = new byte[4];
        while (await ReceiveAll(header))
        {
            var message = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
            Assert.True(await ReceiveAll(message));
            frames.AddRange(JsonDocument.Parse(Encoding.UTF8.GetString(message)).RootElement.EnumerateArray().Select(frame => frame.GetProperty("message").GetString()!));
        }

        Assert.Equal(texts, frames);
        await writing;
    }

    static byte[] Header(int length)
    {
        var header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        return header;
    }

    async Task SendAll(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await other.SendAsync(bytes)..];
    }

    async Task<bool> ReceiveAll(Memory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var read = await other.ReceiveAsync(bytes);
            if (read == 0)
                return false;
            bytes = bytes[read..];
        }

        return true;
    }
}
