using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>
/// What the state machine has at hand while it takes one message: the moment, the dice, the job; and where it leaves what it wants sent.
/// A message that fails is undone by dropping its turn.
/// </summary>
public sealed class RunTurn(SchedulerOptions options, IdSource ids, DateTimeOffset now, double dice, JobLoad load)
{
    public SchedulerOptions Options => options;
    public DateTimeOffset Now => now;
    public double Dice => dice;
    public JobLoad Load => load;

    public RetryPolicy Retry => load.Job?.Retry ?? RetryPolicy.Default(options.DefaultMaxAttempts);

    /// <summary>The job definition of that name; null where there is none.</summary>
    public Func<JobKey, Job?> Definition { get; init; } = _ => null;

    /// <summary>Stored with the change and delivered for certain.</summary>
    public List<OutboxMessage> Outbox { get; } = [];

    /// <summary>Sent after the commit. The run's own row is their record: what is lost is sent again from there.</summary>
    public List<OutboxMessage> WakeUps { get; } = [];

    public AttemptConclusion? Conclusion { get; set; }

    /// <summary>Of a run that is queued now.</summary>
    public DateTimeOffset PlaceInLine(Run run) => Priorities.PlaceInLine(now, run.Priority, options.LongestPriorityWait);

    public void Send<T>(string orgId, string queue, T message, DateTimeOffset? expiresAt = null) where T : class =>
        Outbox.Add(OutboxMessage.For(ids.Next(), orgId, queue, message, expiresAt));

    public void WakeUp<T>(string orgId, string queue, T message) where T : class =>
        WakeUps.Add(OutboxMessage.For(ids.Next(), orgId, queue, message));

    public static RunTurn Of(ConsumeContext context) =>
        context.TryGetPayload<RunTurn>(out var turn) ? turn : throw new InvalidOperationException("A run takes its messages in a group's turn only.");
}
