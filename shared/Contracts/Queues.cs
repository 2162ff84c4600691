namespace ReactorJobs.Contracts;

/// <summary>The names of the suite's queues, each spelled once.</summary>
public static class Queues
{
    /// <summary><see cref="AttemptFinished"/> and <see cref="AttemptSuspended"/>, to the scheduler.</summary>
    public const string Attempts = "scheduler.attempts";

    /// <summary><see cref="StartRun"/>, to the scheduler.</summary>
    public const string Starts = "scheduler.starts";

    /// <summary><see cref="EventEmitted"/>, to the events service.</summary>
    public const string Events = "events.emitted";

    /// <summary><see cref="StartsRefused"/>, to the events service.</summary>
    public const string Refusals = "events.refused";

    /// <summary><see cref="ExecuteRun"/> and <see cref="CancelAttempt"/>, to one instance of an executor.</summary>
    public static string Executor(Guid instance) => "executor." + Ulid.Format("", instance);

    /// <summary>The instance whose queue this is, where it is an executor's.</summary>
    public static bool IsExecutor(string queue, out Guid instance) => Ulid.TryParse("executor.", queue, out instance);

    /// <summary><see cref="ExecutorAdvertised"/> and <see cref="RunsEnded"/>, to one instance of a scheduler.</summary>
    public static string Advertisements(Guid instance) => "scheduler.slots." + Ulid.Format("", instance);

    /// <summary>Which messages were taken, to the process that sent them.</summary>
    public static string Receipts(string process, Guid instance) => $"{process}.receipts.{Ulid.Format("", instance)}";

    /// <summary>Whether the queue belongs to one start of a process, and is worth nothing after it.</summary>
    public static bool IsOneStarts(string queue) => Ulid.TryParse("", queue.AsSpan(queue.LastIndexOf('.') + 1), out _);
}
