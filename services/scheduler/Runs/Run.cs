using MassTransit;
using ReactorJobs.Contracts;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>One run of a job: the saga's instance and the row of the <c>run</c> table.</summary>
public sealed class Run : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }
    public string CurrentState { get; set; } = null!;
    public string OrgId { get; set; } = "";
    public string Job { get; set; } = "";
    public string Handler { get; set; } = "";

    /// <summary>Counts the dispatches; the newest one's outcome is the only one that applies.</summary>
    public int Epoch { get; set; }

    /// <summary>The attempt that runs or comes next, as the retry policy counts.</summary>
    public int Attempt { get; set; }
    public int MaxAttempts { get; set; }

    /// <summary>Attempts that the platform lost in a row.</summary>
    public int Losses { get; set; }
    public short Priority { get; set; }
    public long TimeoutMs { get; set; }
    public RunTrigger Trigger { get; set; } = RunTrigger.Manual;
    public RawJson Payload { get; set; }
    public RawJson? Result { get; set; }
    public RunError? Error { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the caller wants it to start.</summary>
    public DateTimeOffset RunAt { get; set; }

    /// <summary>A run that is due and unfinished counts against its job's limits (semantics 1).</summary>
    public bool Due { get; set; }

    /// <summary>Its place in line: since when it waits for a slot, moved by its priority (<see cref="Priorities.PlaceInLine"/>).</summary>
    public DateTimeOffset QueuedAt { get; set; }

    /// <summary>When its timer fires: the end of a sleep, the next attempt, or a delayed start.</summary>
    public DateTimeOffset? WakeAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
    public Guid? Executor { get; set; }
    public DateTimeOffset? DispatchedAt { get; set; }
    public RunId? RetryOf { get; set; }
    public bool SharesCheckpoints { get; set; }

    public RunId Id => new(CorrelationId);
    public Jobs.JobKey JobKey => new(OrgId, Job);
    public string Status => RunStatus.Of(CurrentState);
    public bool IsWaiting => CurrentState == nameof(RunStateMachine.Pending) && Due;
    public bool IsRunning => CurrentState == nameof(RunStateMachine.Running);

    /// <summary>Until its timer: it sleeps, or waits for its next attempt.</summary>
    public bool IsAsleep => CurrentState is nameof(RunStateMachine.Sleeping) or nameof(RunStateMachine.Retrying);
    public bool IsFinal => RunStatus.IsFinal(Status);

    public Run Copy() => (Run)MemberwiseClone();
}

/// <summary>The statuses of the API and the database: the states' names in lower case.</summary>
public static class RunStatus
{
    public const string Pending = "pending";
    public const string Running = "running";
    public const string Sleeping = "sleeping";
    public const string Retrying = "retrying";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static readonly string[] All = [Pending, Running, Sleeping, Retrying, Completed, Failed, Cancelled];

    public static string Of(string state) => state switch
    {
        nameof(RunStateMachine.Pending) => Pending,
        nameof(RunStateMachine.Running) => Running,
        nameof(RunStateMachine.Sleeping) => Sleeping,
        nameof(RunStateMachine.Retrying) => Retrying,
        nameof(RunStateMachine.Completed) => Completed,
        nameof(RunStateMachine.Failed) => Failed,
        nameof(RunStateMachine.Cancelled) => Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "is not a state of a run"),
    };

    public static string State(string status) => char.ToUpperInvariant(status[0]) + status[1..];

    public static bool IsFinal(string status) => status is Completed or Failed or Cancelled;
}
