using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Workers;

/// <summary>A worker in service: its frames become work for the engine, and the engine's answers become frames.</summary>
public sealed class WorkerConnection : AttemptHost
{
    /// <summary>How much may be on its way to the store before the connection is read no further.</summary>
    const long MostUnanswered = 32 << 20;
    const long FrameWeight = 512;

    readonly WorkerSocket socket;
    readonly string orgId;
    readonly Dispatcher dispatcher;
    readonly LogWriter logs;
    readonly Action<AttemptItem> post;
    readonly Action<AttemptItem, Exception?> answer;
    readonly SemaphoreSlim answered = new(0, 1);
    long unanswered;

    public WorkerConnection(WorkerSocket socket, string orgId, HelloFrame hello, Dispatcher dispatcher, LogWriter logs, Action<AttemptItem> post) : base(hello.Name, hello.Slots)
    {
        (this.socket, this.orgId, this.dispatcher, this.logs, this.post) = (socket, orgId, dispatcher, logs, post);
        answer = Answer;
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
            while (Volatile.Read(ref unanswered) > MostUnanswered)
                await answered.WaitAsync();
        }
    }

    void Handle(WorkerFrame frame)
    {
        switch (frame)
        {
            case CheckpointFrame checkpoint when Running(checkpoint) is { } attempt:
                Interlocked.Add(ref unanswered, Weight(checkpoint.Write));
                post(new CheckpointItem(attempt.Key, checkpoint.Epoch, checkpoint.Write, answer) { FrameId = checkpoint.Id });
                break;
            case EndFrame end when Running(end) is { } attempt && dispatcher.End(attempt, end.Ending, end.Id, answer):
                break;
            case WrongFrame wrong when Running(wrong) is not null:
                socket.Send(ServerFrame.Refuse(wrong.Id, RefuseCodes.Invalid, wrong.Message));
                break;
            case AttemptFrame late:
                FencedWrites.Count();
                socket.Send(ServerFrame.Refuse(late.Id, RefuseCodes.Superseded, Verdict.Superseded.Message));
                break;
            case LogFrame log when dispatcher.Known(new(orgId, log.Run), log.Epoch, this) is { } attempt:
                logs.Write(attempt, log.Lines);
                break;
            case DrainFrame:
                dispatcher.Drain(this);
                break;
            case PingFrame:
                socket.Send(new(ServerFrameKind.Pong));
                break;
            case HelloFrame:
                throw new ProtocolException(ProtocolException.InvalidFrame, "t: hello comes once, as the first frame.");
        }
    }

    LiveAttempt? Running(AttemptFrame frame) => dispatcher.Running(new(orgId, frame.Run), frame.Epoch, this);

    void Answer(AttemptItem item, Exception? failure)
    {
        socket.Send(AnswerTo(item, failure));
        if (failure is null && item.Verdict.Code == RefuseCodes.Superseded)
            dispatcher.Fenced(item.Key, item.Epoch);
        if (item is not CheckpointItem checkpoint)
            return;
        var weight = Weight(checkpoint.Write);
        var left = Interlocked.Add(ref unanswered, -weight);
        if (left <= MostUnanswered && left + weight > MostUnanswered && answered.CurrentCount == 0)
            answered.Release();
    }

    public static ServerFrame AnswerTo(AttemptItem item, Exception? failure) => failure switch
    {
        null when item.Verdict.IsAck => ServerFrame.Ack(item.FrameId, item.Verdict.Due),
        null => ServerFrame.Refuse(item.FrameId, item.Verdict.Code!, item.Verdict.Message),
        StoreUnavailable => ServerFrame.Refuse(item.FrameId, RefuseCodes.Unavailable, failure.Message),
        _ => ServerFrame.Refuse(item.FrameId, RefuseCodes.Invalid, "This could not be stored; the executor's log says why."),
    };

    static long Weight(CheckpointWrite write) => FrameWeight + write.Output.Length + (write.State?.Length ?? 0);
}
