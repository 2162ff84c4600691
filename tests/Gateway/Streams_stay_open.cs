using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Ingress.Gateway;
using Yarp.ReverseProxy;

namespace ReactorJobs.Tests.Gateway;

[Collection(WithGatewayDatabase.Name)]
public sealed class Streams_stay_open(GatewayDatabase database)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Events_come_one_by_one_and_the_head_at_once()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        var next = new SemaphoreSlim(0);
        suite.Executors[0].Answer = async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.Body.FlushAsync();
            for (var i = 0; i < 3; i++)
            {
                await next.WaitAsync(http.RequestAborted);
                await http.Response.WriteAsync($"data: {i}\n\n");
                await http.Response.Body.FlushAsync();
            }
        };

        using var response = await suite.Gateway.Send(HttpMethod.Get, "/jobs/v1/_admin/logs?follow=true").WaitAsync(Patience);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            next.Release();
            Assert.Equal($"data: {i}", await reader.ReadLineAsync().WaitAsync(Patience));
            Assert.Equal("", await reader.ReadLineAsync().WaitAsync(Patience));
        }

        Assert.Null(await reader.ReadLineAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task Silence_ends_them_only_where_a_limit_was_set()
    {
        await using var limited = await FakeSuite.Start(database.Options, configure: x => x with { SilenceLimit = TimeSpan.FromMilliseconds(250) });
        var pings = true;
        limited.Executors[0].Answer = async http =>
        {
            await http.Response.Body.FlushAsync();
            using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (Volatile.Read(ref pings) && await every.WaitForNextTickAsync(http.RequestAborted))
                await http.Response.WriteAsync(": ping\n");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        };
        using var response = await limited.Gateway.Send(HttpMethod.Get, "/jobs/v1/_admin/logs");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        // Four times the limit, in pings.
        for (var i = 0; i < 20; i++)
            Assert.Equal(": ping", await reader.ReadLineAsync().WaitAsync(Patience));
        Volatile.Write(ref pings, false);
        await Assert.ThrowsAnyAsync<IOException>(() => reader.ReadToEndAsync().WaitAsync(Patience));

        await using var unlimited = await FakeSuite.Start(database.Options);
        Assert.All(unlimited.Gateway.Services.GetRequiredService<IProxyStateLookup>().GetClusters(),
            x => Assert.Equal(Timeout.InfiniteTimeSpan, x.Model.Config.HttpRequest!.ActivityTimeout));
        Assert.Equal(Timeout.InfiniteTimeSpan, new GatewayOptions([], [], []).SilenceLimit);
    }

    [Fact]
    public async Task A_worker_talks_to_its_executor_and_each_notices_when_the_other_leaves()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        var left = new TaskCompletionSource<WebSocketMessageType?>();
        suite.Executors[0].Answer = async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await Say(socket, http.Request.Headers["X-Reactor-Org"].ToString());
            for (string? said; (said = await Hear(socket)) is not null;)
                if (said == "bye")
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "bye", default);
                    left.SetResult(null);
                }
                else
                    await Say(socket, "heard " + said);
        };
        using var worker = await Worker(suite);
        Assert.Equal(GatewayHost.Org, await Hear(worker));
        var large = new string('x', 300_000);
        foreach (var text in new[] { "one", large })
        {
            await Say(worker, text);
            Assert.Equal("heard " + text, await Hear(worker));
        }

        await Say(worker, "bye");
        Assert.Null(await Hear(worker));
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "bye"), (worker.CloseStatus, worker.CloseStatusDescription));
        await left.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_worker_that_breaks_off_is_noticed()
    {
        await using var suite = await FakeSuite.Start(database.Options);
        var gone = new TaskCompletionSource();
        suite.Executors[0].Answer = async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await Say(socket, "hello");
            try
            {
                await Hear(socket);
            }
            catch (WebSocketException)
            {
                gone.SetResult();
            }
        };
        var worker = await Worker(suite);
        await Hear(worker);
        worker.Abort();
        await gone.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Workers_do_not_keep_a_gateway_that_stops()
    {
        var suite = await FakeSuite.Start(database.Options);
        suite.Executors[0].Answer = async http =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await Say(socket, "hello");
            await Assert.ThrowsAsync<WebSocketException>(() => Hear(socket));
        };
        using var worker = await Worker(suite);
        await Hear(worker);
        var hearing = Hear(worker);
        await suite.DisposeAsync();
        await Assert.ThrowsAsync<WebSocketException>(() => hearing.WaitAsync(Patience));
    }

    static async Task<ClientWebSocket> Worker(FakeSuite suite)
    {
        var worker = new ClientWebSocket();
        worker.Options.SetRequestHeader("Authorization", "Bearer " + suite.Gateway.Token);
        await worker.ConnectAsync(new UriBuilder(suite.Gateway.Address) { Scheme = "ws", Path = "/jobs/v1/_worker" }.Uri, default).WaitAsync(Patience);
        return worker;
    }

    static Task Say(WebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default).WaitAsync(Patience);

    /// <summary>The next message; null when the other side has closed.</summary>
    static async Task<string?> Hear(WebSocket socket)
    {
        using var message = new MemoryStream();
        var part = new byte[64 << 10];
        for (; ; )
        {
            var received = await socket.ReceiveAsync(part, default).WaitAsync(Patience);
            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(part, 0, received.Count);
            if (received.EndOfMessage)
                return Encoding.UTF8.GetString(message.ToArray());
        }
    }
}
