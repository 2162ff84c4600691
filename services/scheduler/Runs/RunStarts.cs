using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>
/// Starts what other services ask for. Nobody waits for the answer: what cannot start is told to the events service, which keeps it with its reason.
/// </summary>
public sealed class RunStarts(
    RunInbox inbox, ServiceDatabase database, Outbox outbox, IdSource ids, SchedulerOptions options, TimeProvider time, ILogger<RunStarts> logger)
{
    /// <summary>Held while the database is away: what the broker has confirmed is in no outbox any more, and no reconciler knows of these runs.</summary>
    public Task Take(StartRun message, CancellationToken stop) => StoreUnavailable.Outlast(async () =>
    {
        var items = message.Starts.Select(start => (Start: start, Item: Item(start), Flaw: Flaw(start))).ToArray();
        await Task.WhenAll(items.Where(x => x.Flaw is null).Select(x => inbox.Take(x.Item)));
        var refused = items.Select(x => Refusal(x.Start, x.Flaw, x.Item)).OfType<RefusedStart>().ToArray();
        foreach (var start in refused)
            logger.LogWarning("A run for the job {Job} was not started: {Reason}", start.Job, start.Reason);
        foreach (var ofOrg in refused.GroupBy(x => x.OrgId))
            await Tell(ofOrg.Key, [.. ofOrg]);
    }, time, stop);

    static AcceptItem Item(RunStart start) => new(
        new(start.OrgId, start.Job), new(start.OrgId, start.RunId),
        job => new AcceptRun(start.OrgId, start.RunId, job, start.Payload, start.Trigger) { RunAt = start.RunAt, Priority = start.Priority ?? 0, TimeoutMs = start.TimeoutMs },
        start.IdempotencyKey, start.IdempotencyKey is null ? null : SHA256.HashData(start.Payload.Utf8.Span));

    /// <summary>What who asked could not know, or null.</summary>
    string? Flaw(RunStart start) => start.TimeoutMs > options.MaxTimeout.TotalMilliseconds
        ? $"timeout_ms is {start.TimeoutMs}; at most {options.MaxTimeout.TotalMilliseconds:0} are allowed here."
        : null;

    static RefusedStart? Refusal(RunStart start, string? flaw, AcceptItem item)
    {
        var (code, reason) = (flaw, item.Result) switch
        {
            ({ } known, _) => (RefusalCodes.InvalidRequest, known),
            (_, Acceptance.JobNotFound) => (RefusalCodes.JobNotFound, $"There is no job \"{start.Job}\"."),
            (_, Acceptance.IdempotencyConflict) => (RefusalCodes.IdempotencyConflict, "Its idempotency key was used for another payload within the last 24 hours."),
            (_, Acceptance.Existing) when item.Answer != start.RunId => (RefusalCodes.AlreadyStarted, $"Its idempotency key has started {item.Answer} before."),
            _ => default,
        };
        return code is null ? null : new(start.OrgId, start.RunId, start.Job, start.Payload, start.Trigger, code, reason);
    }

    /// <summary>Committed before the start is acknowledged, so that it cannot get lost in between; told twice, it is kept once.</summary>
    async Task Tell(string orgId, RefusedStart[] refused)
    {
        var message = OutboxMessage.For(ids.Next(), orgId, Queues.Refusals, new StartsRefused(refused));
        try
        {
            await database.InOrg(orgId, async connection =>
            {
                await using var command = new NpgsqlCommand("insert into outbox (org_id, id, queue, body, created_at) values ($1, $2, $3, $4, clock_timestamp())", connection)
                {
                    Parameters = { new() { Value = orgId }, new() { Value = message.Id }, new() { Value = message.Queue }, new() { Value = message.Body } },
                };
                return await command.ExecuteNonQueryAsync();
            });
        }
        catch (Exception exception) when (exception is not StoreUnavailable && StoreUnavailable.IsCauseOf(exception))
        {
            throw new StoreUnavailable("The database does not answer.", exception);
        }

        outbox.Publish([message]);
    }
}
