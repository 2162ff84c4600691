using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace ReactorJobs.Embedded.RabbitMq;

/// <summary>Asks a RabbitMQ that was just started whether it serves.</summary>
sealed class BrokerProbe : IDisposable
{
    static readonly byte[] ProtocolHeader = "AMQP\0\0\u0009\u0001"u8.ToArray();

    // A frame of a method (1) on channel 0, and after its length the method connection.start (10, 10).
    const int FrameBeginning = 11;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly BrokerAddress address;
    readonly TimeProvider time;
    readonly HttpClient management;

    public BrokerProbe(BrokerAddress address, TimeProvider time)
    {
        (this.address, this.time) = (address, time);
        management = new() { BaseAddress = address.Management };
        management.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{address.User}:{address.Password}")));
    }

    /// <summary>Null when clients can connect and our user is known, otherwise what is missing.</summary>
    public async Task<string?> WhatIsMissing(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var ct = either.Token;
        try
        {
            // This listens last, when the plugins run and the definitions are read.
            if (!await SpeaksAmqp(ct)) return "something else than RabbitMQ answers at its port";
            using var answer = await management.GetAsync(new Uri($"api/vhosts/{address.VirtualHost}", UriKind.Relative), ct);
            return answer.StatusCode == HttpStatusCode.OK ? null : $"the management API answers {(int)answer.StatusCode}";
        }
        catch (Exception failure) when (failure is SocketException or IOException or HttpRequestException)
        {
            return failure.Message;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return "it accepts connections and says nothing";
        }
    }

    async Task<bool> SpeaksAmqp(CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Ports.Amqp, ct);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(ProtocolHeader, ct);
        var beginning = new byte[FrameBeginning];
        await stream.ReadExactlyAsync(beginning, ct);
        return beginning is [1, 0, 0, _, _, _, _, 0, 10, 0, 10];
    }

    public void Dispose() => management.Dispose();
}
