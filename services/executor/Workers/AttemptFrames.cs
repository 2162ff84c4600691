using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Hosting.GroupCommit;

namespace ReactorJobs.Executor.Workers;

/// <summary>
/// The frames about attempts, whatever they came over: they become work for the engine, and the engine's answers become frames.
/// </summary>
public sealed class AttemptFrames
{
    /// <summary>How much may be on its way to the store before the line is read no further.</summary>
    const long MostUnanswered = 32 << 20;
    const long FrameWeight = 512;

    /// <summary>A question is a call of another service: of these, few at once.</summary>
    const long QuestionWeight = 64 << 10;

    readonly AttemptHost host;
    readonly Dispatcher dispatcher;
    readonly Action<LiveAttempt, IReadOnlyList<LogLine>> log;
    readonly Action<AttemptItem> post;
    readonly Action<ServerFrame> send;
    readonly Action<AttemptItem, Exception?> answer;
    readonly SemaphoreSlim answered = new(0, 1);
    long unanswered;

    public AttemptFrames(
        AttemptHost host, Dispatcher dispatcher, Action<LiveAttempt, IReadOnlyList<LogLine>> log, Action<AttemptItem> post, Action<ServerFrame> send)
    {
        (this.host, this.dispatcher, this.log, this.post, this.send) = (host, dispatcher, log, post, send);
        answer = Answer;
    }

    /// <summary>Which of the host's attempts are this line's, where the host has several lines.</summary>
    public Func<LiveAttempt, bool> Owns { get; init; } = static _ => true;

    /// <summary>Answers what is asked of the suite.</summary>
    public Func<LiveAttempt, AskFrame, Task<ServerFrame>>? Asked { get; init; }

    /// <summary>Told of an end that the store has taken (true), or refused because the attempt is over.</summary>
    public Action<RunKey, int, bool>? Ended { get; init; }

    /// <summary>False for a frame that is not about an attempt.</summary>
    /// <param name="orgId">The org of whoever sent it.</param>
    public bool Handle(WorkerFrame frame, string orgId)
    {
        switch (frame)
        {
            case CheckpointFrame checkpoint when Running(checkpoint, orgId) is { } attempt:
                Interlocked.Add(ref unanswered, Weight(checkpoint.Write));
                post(new CheckpointItem(attempt.Key, checkpoint.Epoch, checkpoint.Write, answer) { FrameId = checkpoint.Id });
                return true;
            case EndFrame end when Running(end, orgId) is { } attempt && dispatcher.End(attempt, end.Ending, end.Id, answer):
                return true;
            case AskFrame ask when Asked is not null && Running(ask, orgId) is { } attempt:
                Interlocked.Add(ref unanswered, QuestionWeight);
                _ = Answer(attempt, ask, Asked);
                return true;
            case WrongFrame wrong when Running(wrong, orgId) is not null:
                send(ServerFrame.Refuse(wrong.Id, RefuseCodes.Invalid, wrong.Message));
                return true;
            case AttemptFrame late:
                FencedWrites.Count(isNewerAttempt: false);
                send(ServerFrame.Refuse(late.Id, RefuseCodes.Superseded, Verdict.Superseded.Message));
                return true;
            case LogFrame lines:
                if (dispatcher.Known(new(orgId, lines.Run), lines.Epoch, host) is { } known && Owns(known))
                    log(known, lines.Lines);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Waits while too much is on its way to the store.</summary>
    public async ValueTask HasRoom()
    {
        while (Volatile.Read(ref unanswered) > MostUnanswered)
            await answered.WaitAsync();
    }

    LiveAttempt? Running(AttemptFrame frame, string orgId) =>
        dispatcher.Running(new(orgId, frame.Run), frame.Epoch, host) is { } attempt && Owns(attempt) ? attempt : null;

    void Answer(AttemptItem item, Exception? failure)
    {
        send(AnswerTo(item, failure));
        var superseded = failure is null && item.Verdict.Code == RefuseCodes.Superseded;
        if (superseded)
            dispatcher.Fenced(item.Key, item.Epoch);
        if (item is EndItem && failure is null && (item.Verdict.IsAck || superseded))
            Ended?.Invoke(item.Key, item.Epoch, item.Verdict.IsAck);
        if (item is not CheckpointItem checkpoint)
            return;
        Lighter(Weight(checkpoint.Write));
    }

    async Task Answer(LiveAttempt attempt, AskFrame ask, Func<LiveAttempt, AskFrame, Task<ServerFrame>> asked)
    {
        send(await asked(attempt, ask));
        Lighter(QuestionWeight);
    }

    void Lighter(long weight)
    {
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

    static long Weight(CheckpointWrite write) => FrameWeight + write.Output.Length + (write.State?.Length ?? 0) + (write.Schedules?.Sum(x => (long)x.Args.Length) ?? 0);
}
