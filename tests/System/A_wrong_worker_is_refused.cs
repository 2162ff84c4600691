using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ReactorJobs.Tests.System.Harness;

namespace ReactorJobs.Tests.System;

[Collection(SharedSuite.Name), Trait(SharedSuite.Hosts, SharedSuite.Both)]
public sealed class A_wrong_worker_is_refused(SharedSuite shared)
{
    [Fact]
    public async Task Before_the_upgrade_when_its_token_is_bad()
    {
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        socket.Options.SetRequestHeader("Authorization", "Bearer rjs_wrong");
        await Assert.ThrowsAsync<WebSocketException>(() => Connect(socket));
        Assert.Equal(401, (int)socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("""[{"t": "hello", "protocol": 0, "sdk": "test", "name": "old", "handlers": ["x"], "slots": 1}]""", "protocol_unsupported")]
    [InlineData("""[{"t": "hello", "protocol": 2, "sdk": "test", "name": "new", "handlers": ["x"], "slots": 1}]""", "protocol_unsupported")]
    [InlineData("""[{"t": "hello", "protocol": 1, "sdk": "test", "name": "it", "handlers": ["-x"], "slots": 1}]""", "handler_invalid")]
    [InlineData("""[{"t": "hello", "protocol": 1, "sdk": "test", "name": "it", "handlers": ["x"], "slots": 0}]""", "invalid_frame")]
    [InlineData("""[{"t": "greeting"}]""", "invalid_frame")]
    [InlineData("hello", "invalid_frame")]
    public async Task After_its_first_frame_when_that_cannot_be(string message, string code)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {shared.Suite.Token}");
        await Connect(socket);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, default);
        var error = JsonNode.Parse(await Receive(socket))!.AsArray()[0]!;
        Assert.Equal(("error", code), ((string)error["t"]!, (string)error["code"]!));
        if (code == "protocol_unsupported")
            Assert.Matches("(?i)upgrade", (string)error["message"]!);
        await Receive(socket);
        Assert.Equal(4400, (int?)socket.CloseStatus);
    }

    Task Connect(ClientWebSocket socket) => socket.ConnectAsync(new Uri(shared.Suite.Url.Replace("http", "ws", StringComparison.Ordinal) + "/jobs/v1/_worker"), default);

    static async Task<string> Receive(ClientWebSocket socket)
    {
        var buffer = new byte[64 << 10];
        var received = await socket.ReceiveAsync(buffer, default).WaitAsync(Until.Limit);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
