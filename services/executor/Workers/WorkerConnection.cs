using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;

namespace ReactorJobs.Executor.Workers;

/// <summary>A worker in service.</summary>
public sealed class WorkerConnection : AttemptHost
{
    readonly WorkerSocket socket;
    readonly string orgId;
    readonly Dispatcher dispatcher;
    readonly AttemptFrames frames;

    public WorkerConnection(WorkerSocket socket, string orgId, HelloFrame hello, Dispatcher dispatcher, LogWriter logs, Action<AttemptItem> post, Func<LiveAttempt, AskFrame, Task<ServerFrame>> asked) : base(hello.Name, hello.Slots)
    {
        (this.socket, this.orgId, this.dispatcher) = (socket, orgId, dispatcher);
        frames = new(this, dispatcher, logs.Write, post, frame => socket.Send(frame)) { Asked = asked };
    }

    public override void Start(LiveAttempt attempt) => socket.Send(ServerFrame.Run(attempt));

    public override void Abort(LiveAttempt attempt, string reason) => socket.Send(ServerFrame.Abort(attempt, reason));

    /// <summary>Serves the connection until the worker closes it; throws what broke it.</summary>
    public async Task Serve(IEnumerable<WorkerFrame> first)
    {
        foreach (var frame in first)
            Handle(frame);
        while (await socket.Receive() is { } message)
        {
            foreach (var frame in FrameReader.Read(message.Span))
                Handle(frame);
            await frames.HasRoom();
        }
    }

    void Handle(WorkerFrame frame)
    {
        if (frames.Handle(frame, orgId))
            return;
        switch (frame)
        {
            case DrainFrame:
                dispatcher.Drain(this);
                break;
            case PingFrame:
                socket.Send(new(ServerFrameKind.Pong));
                break;
            case HelloFrame:
                throw new ProtocolException(ProtocolException.InvalidFrame, "t: hello comes once, as the first frame.");
            case RunnerFrame:
                throw new ProtocolException(ProtocolException.InvalidFrame, $"t: this is not a frame of protocol {WorkerProtocol.Version}.");
        }
    }
}
