using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ReactorJobs.Bench.Suite;

/// <summary>
/// One keep-alive connection that triggers a job. HTTP is written and read by hand: HttpClient would take as much of the machine as the suite
/// that is measured on it.
/// </summary>
sealed class Caller : IDisposable
{
    readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly byte[] head;
    readonly byte[] request = new byte[1024];
    readonly byte[] answer = new byte[16 << 10];

    readonly Func<double> clock;

    Caller(Uri url, string token, string path, Func<double> clock)
    {
        this.clock = clock;
        head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: ");
    }

    /// <param name="clock">That the handler reads too, in milliseconds; by default CLOCK_MONOTONIC.</param>
    public static async Task<Caller> Connect(ReactorDev suite, string path, CancellationToken stop, Func<double>? clock = null)
    {
        var caller = new Caller(suite.Url, suite.Token, path, clock ?? Monotonic);
        await caller.socket.ConnectAsync(suite.Url.Host, suite.Url.Port, stop);
        return caller;
    }

    /// <summary>CLOCK_MONOTONIC in milliseconds.</summary>
    public static double Monotonic() => Stopwatch.GetTimestamp() * 1e3 / Stopwatch.Frequency;

    /// <summary>Triggers with the time of the call as the payload.</summary>
    public Task Trigger(CancellationToken stop) => Post(
        string.Create(CultureInfo.InvariantCulture, $$$"""{"payload":{"at":{{{clock():F3}}}}}"""), stop);

    public async Task Post(string body, CancellationToken stop)
    {
        head.CopyTo(request, 0);
        var length = head.Length;
        Utf8Formatter.TryFormat(Encoding.UTF8.GetByteCount(body), request.AsSpan(length), out var digits);
        length += digits;
        length += Encoding.ASCII.GetBytes("\r\n\r\n", request.AsSpan(length));
        length += Encoding.UTF8.GetBytes(body, request.AsSpan(length));
        for (var sent = 0; sent < length;)
            sent += await socket.SendAsync(request.AsMemory(sent, length - sent), stop);

        var read = 0;
        while (!IsWhole(answer.AsSpan(0, read)))
        {
            var part = await socket.ReceiveAsync(answer.AsMemory(read), stop);
            if (part == 0)
                throw new BenchFailure("the suite closed a connection");
            read += part;
        }

        if (!answer.AsSpan(0, read).StartsWith("HTTP/1.1 202"u8))
            throw new BenchFailure($"a call was refused: {Encoding.UTF8.GetString(answer, 0, read)}");
    }

    static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var fields = answer[..(end + 2)];
        var body = answer[(end + 4)..];
        var length = fields.IndexOf("Content-Length: "u8);
        return length < 0
            ? body.EndsWith("0\r\n\r\n"u8)
            : Utf8Parser.TryParse(fields[(length + 16)..], out int bytes, out _) && body.Length >= bytes;
    }

    public void Dispose() => socket.Dispose();
}
