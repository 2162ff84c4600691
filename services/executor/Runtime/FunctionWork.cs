using ReactorJobs.Contracts;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;

namespace ReactorJobs.Executor.Runtime;

/// <summary>What a function process is to do: an attempt of a run, or the answer to a plain request.</summary>
abstract class FunctionWork
{
    volatile FunctionProcess? process;
    volatile bool aborted;

    /// <summary>Where it runs; null while it waits.</summary>
    public FunctionProcess? Process => process;

    /// <summary>Nobody wants it any more.</summary>
    public bool Aborted => aborted;

    /// <summary>False when it was aborted before: either this sees the abort, or the abort sees the process.</summary>
    public bool TryEnter(FunctionProcess into)
    {
        process = into;
        Interlocked.MemoryBarrier();
        return !aborted;
    }

    /// <summary>The process that has to be told, if one has it.</summary>
    public FunctionProcess? Abort()
    {
        aborted = true;
        Interlocked.MemoryBarrier();
        return process;
    }

    /// <summary>It cannot be done.</summary>
    public abstract void Fail(RunError error);

    /// <summary>It was under way in a process that is gone, and may be done again.</summary>
    public abstract void Lose(RunError error);
}

/// <param name="end">Ends the attempt for the dispatcher.</param>
/// <param name="logBytes">What it may still log.</param>
sealed class AttemptWork(LiveAttempt attempt, Action<LiveAttempt, Ending> end, long logBytes) : FunctionWork
{
    public LiveAttempt Attempt => attempt;
    public LogAllowance Allowance { get; } = new(logBytes);

    public override void Fail(RunError error) => end(attempt, new(AttemptOutcomes.Failed, Error: error));

    public override void Lose(RunError error) => end(attempt, Ending.Lost with { Error = error });
}

sealed class RequestWork(FunctionRequest request) : FunctionWork
{
    readonly TaskCompletionSource<FunctionAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FunctionRequest Request => request;
    public Task<FunctionAnswer> Answer => answer.Task;
    public bool ColdStart { get; set; }

    public void Complete(int status, IReadOnlyList<(string, string)> headers, byte[] body) => answer.TrySetResult(new(status, headers, body, ColdStart));

    public override void Fail(RunError error) => answer.TrySetException(new FunctionFailure(error));

    public override void Lose(RunError error) => Fail(error);
}
