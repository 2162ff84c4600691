using System.Globalization;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Executor.Attempts;

/// <summary>What leaves with a commit. Ids follow from the run, so that the same change made twice leaves one message.</summary>
public static class AttemptMessages
{
    public static EventId EventIdOf(RunId run, string key, int index) =>
        new(IdSource.Derive(run.Value, string.Create(CultureInfo.InvariantCulture, $"{key}/{index}")));

    public static OutboxMessage Emitted(RunKey key, string entry, int index, EmittedEvent emitted, DateTimeOffset now)
    {
        var id = EventIdOf(key.Run, entry, index);
        return OutboxMessage.For(id.Value, key.OrgId, Queues.Events, new EventEmitted(key.OrgId, id, emitted.Topic, emitted.Payload, now, key.Run));
    }

    /// <param name="index">Of the schedules of one entry.</param>
    public static RunId ScheduledRunOf(RunId run, string key, int index) =>
        new(IdSource.Derive(run.Value, string.Create(CultureInfo.InvariantCulture, $"{key}/run/{index}")));

    /// <summary>The message has the id of its run, so that what has not been taken can be found by it.</summary>
    public static OutboxMessage Scheduled(RunKey key, ScheduledStart start, DateTimeOffset now) => OutboxMessage.For(start.Run.Value, key.OrgId, Queues.Starts, new StartRun(
        [new(key.OrgId, start.Run, start.Job, start.Args, new(TriggerKinds.Schedule, key.Run.ToString()), start.At ?? now.AddMilliseconds(start.DelayMs))]));

    public static Guid OutcomeIdOf(RunKey key, int epoch) =>
        IdSource.Derive(key.Run.Value, string.Create(CultureInfo.InvariantCulture, $"outcome/{epoch}"));

    public static OutboxMessage Outcome(Guid id, EndedAttempt ended)
    {
        var (key, ending) = (ended.Key, ended.Ending);
        return ending.Outcome == AttemptOutcomes.Suspended
            ? OutboxMessage.For(id, key.OrgId, Queues.Attempts,
                new AttemptSuspended(key.OrgId, key.Run, ended.Job, ended.Epoch, ended.Waits ?? [], ended.StartedAt, ended.EndedAt))
            : OutboxMessage.For(id, key.OrgId, Queues.Attempts,
                new AttemptFinished(key.OrgId, key.Run, ended.Job, ended.Epoch, ending.Outcome, ending.Result, ending.Error, ending.Fatal,
                    ending.RetryAfterMs, ended.StartedAt, ended.EndedAt));
    }
}
