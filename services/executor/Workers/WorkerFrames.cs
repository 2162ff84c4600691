using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;

namespace ReactorJobs.Executor.Workers;

/// <summary>What a worker says (docs/worker-protocol.md).</summary>
public abstract record WorkerFrame;

public sealed record HelloFrame(long Protocol, string Sdk, string Name, IReadOnlyList<string> Handlers, int Slots) : WorkerFrame;

/// <summary>A frame about one attempt that is answered by its id.</summary>
public abstract record AttemptFrame(long Id, RunId Run, int Epoch) : WorkerFrame;

public sealed record CheckpointFrame(long Id, RunId Run, int Epoch, CheckpointWrite Write) : AttemptFrame(Id, Run, Epoch);

/// <summary>A question of the handler's that the suite answers with a <c>reply</c>: one of <see cref="Questions"/>.</summary>
/// <param name="Of">A target, or the id of a scheduled run; empty for a list.</param>
/// <param name="Bytes">Of the args that the target is to get.</param>
public sealed record AskFrame(long Id, RunId Run, int Epoch, string What, string Of, long Bytes = 0, int Most = AskFrame.MostListed) : AttemptFrame(Id, Run, Epoch)
{
    public const int MostListed = 500;
}

public static class Questions
{
    public const string Target = "target";
    public const string Scheduled = "scheduled";
    public const string ScheduledList = "scheduled_list";
    public const string Cancel = "cancel_scheduled";

    public static readonly string[] All = [Target, Scheduled, ScheduledList, Cancel];
}

/// <summary><c>finish</c>, <c>suspend</c> or <c>release</c>.</summary>
public sealed record EndFrame(long Id, RunId Run, int Epoch, Ending Ending) : AttemptFrame(Id, Run, Epoch);

/// <summary>A frame that is clear about whose it is and wrong in something else: it is refused, and the connection stays.</summary>
public sealed record WrongFrame(long Id, RunId Run, int Epoch, string Message) : AttemptFrame(Id, Run, Epoch);

public sealed record LogFrame(RunId Run, int Epoch, IReadOnlyList<LogLine> Lines) : WorkerFrame;

public sealed record LogLine(DateTimeOffset? At, string Level, string? Step, string Message);

public sealed record DrainFrame : WorkerFrame;

public sealed record PingFrame : WorkerFrame;

public sealed record PongFrame : WorkerFrame;

/// <summary>What only the runner of a function says, over its own socket.</summary>
public abstract record RunnerFrame : WorkerFrame;

/// <summary>The handler of an attempt that was aborted does nothing any more.</summary>
public sealed record StoppedFrame(RunId Run, int Epoch) : RunnerFrame;

/// <summary>The answer to a plain request, or the error that the function threw.</summary>
public sealed record AnswerFrame(long Id, int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, RunError? Error) : RunnerFrame;

/// <summary>Ends a connection with an <c>error</c> frame.</summary>
public sealed class ProtocolException(string code, string message) : Exception(message)
{
    public const int CloseCode = 4400;
    public const string Unsupported = "protocol_unsupported";
    public const string InvalidFrame = "invalid_frame";
    public const string HandlerInvalid = "handler_invalid";

    public string Code => code;
}
