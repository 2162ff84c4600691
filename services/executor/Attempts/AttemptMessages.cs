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
