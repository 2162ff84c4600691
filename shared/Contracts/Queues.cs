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

    /// <summary><see cref="ExecuteRun"/> and <see cref="CancelAttempt"/>, to one instance of an executor.</summary>
    public static string Executor(Guid instance) => "executor." + Ulid.Format("", instance);

    /// <summary>The instance whose queue this is, where it is an executor's.</summary>
    public static bool IsExecutor(string queue, out Guid instance) => Ulid.TryParse("executor.", queue, out instance);

    /// <summary><see cref="ExecutorAdvertised"/>, to one instance of a scheduler.</summary>
    public static string Advertisements(Guid instance) => "scheduler.slots." + Ulid.Format("", instance);
}
