using Microsoft.Extensions.Logging;
using ReactorJobs.Executor.Attempts;
using ReactorJobs.Executor.Dispatch;
using ReactorJobs.Executor.Logs;
using ReactorJobs.Executor.Workers;

namespace ReactorJobs.Executor.Runtime;

/// <summary>What every function process of this executor needs.</summary>
sealed record FunctionSurroundings(
    RuntimeOptions Options, Runners Runners, FunctionHost Host, Dispatcher Dispatcher, LogWriter Logs, Action<AttemptItem> Post,
    Func<LiveAttempt, AskFrame, Task<ServerFrame>> Asked, TimeProvider Time, ILogger Logger);
