using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor.Workers;

/// <summary>All worker connections of this instance: the endpoint that takes them, and the timer that keeps them alive.</summary>
public sealed partial class WorkerEndpoint : IDisposable
{
    /// <summary>For workers to close their side.</summary>
    static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<WorkerSocket, byte> sockets = new();
    readonly Dispatcher dispatcher;
    readonly LogWriter logs;
    readonly Action<AttemptItem> post;
    readonly Func<LiveAttempt, AskFrame, Task<ServerFrame>> asked;
    readonly TimeProvider time;
    readonly IdSource ids;
    readonly ILogger logger;
    readonly TimeSpan heartbeat;
    readonly ITimer timer;
    volatile bool stopping;

    public WorkerEndpoint(
        Dispatcher dispatcher, LogWriter logs, Action<AttemptItem> post, Func<LiveAttempt, AskFrame, Task<ServerFrame>> asked, TimeProvider time, IdSource ids, TimeSpan heartbeat,
        ILogger logger)
    {
        (this.dispatcher, this.logs, this.post, this.asked) = (dispatcher, logs, post, asked);
        (this.time, this.ids, this.heartbeat, this.logger) = (time, ids, heartbeat, logger);
        timer = time.CreateTimer(_ => KeepAlive(), null, heartbeat / 5, heartbeat / 5);
    }

    public async Task Accept(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
            throw new ProblemException(new(426, "upgrade_required", "Workers connect here with a WebSocket; the protocol is docs/worker-protocol.md."));
        if (stopping)
            throw new ProblemException(Problem.Unavailable("The executor is stopping."));
        var caller = http.Caller();
        using var socket = new WorkerSocket(await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = Timeout.InfiniteTimeSpan }), time, heartbeat);
        sockets[socket] = 0;
        socket.Open();
        try
        {
            await Serve(socket, caller.OrgId);
            await socket.Finish(stopping ? WebSocketCloseStatus.EndpointUnavailable : WebSocketCloseStatus.NormalClosure, "");
        }
        catch (ProtocolException exception)
        {
            Refused(exception.Code, exception.Message);
            socket.Send(ServerFrame.Error(exception.Code, exception.Message));
            await socket.Finish((WebSocketCloseStatus)ProtocolException.CloseCode, exception.Code);
            await socket.Drain();
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            await socket.Finish(WebSocketCloseStatus.EndpointUnavailable, "");
        }
        finally
        {
            sockets.TryRemove(socket, out _);
            socket.Break();
        }
    }

    async Task Serve(WorkerSocket socket, string orgId)
    {
        if (await socket.Receive() is not { } first)
            return;
        if (FrameReader.Read(first.Span) is not [HelloFrame hello, .. var rest])
            throw new ProtocolException(ProtocolException.InvalidFrame, "t: the first frame is hello.");
        var connection = new WorkerConnection(socket, orgId, hello, dispatcher, logs, post, asked);
        socket.Send(new(ServerFrameKind.Welcome, Message: ids.New("wrk_")));
        dispatcher.Join(connection, orgId, hello.Handlers);
        try
        {
            await connection.Serve(rest);
        }
        finally
        {
            dispatcher.Leave(connection);
        }
    }

    void KeepAlive()
    {
        foreach (var (socket, _) in sockets)
            socket.KeepAlive();
    }

    /// <summary>Ends all connections, with what is still to be said; their attempts have been handed back before.</summary>
    public async Task Stop()
    {
        stopping = true;
        await Task.WhenAll(sockets.Keys.Select(x => x.Finish(WebSocketCloseStatus.EndpointUnavailable, "The executor is stopping.")));
        await Task.WhenAny(Task.WhenAll(sockets.Keys.Select(x => x.Over)), Task.Delay(GoodbyePatience, time));
        foreach (var (socket, _) in sockets)
            socket.Break();
    }

    public void Dispose() => timer.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "A worker was refused: {Code}: {Reason}")]
    partial void Refused(string code, string reason);
}
