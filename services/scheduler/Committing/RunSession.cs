using MassTransit;
using MassTransit.Context;
using ReactorJobs.Hosting.Bus;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Retries;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// One group's view of its runs: messages change them in memory, one after the other, and what has to be written is the difference between
/// before and after. Counters, timers and dead letters follow from the runs, so no message has to think of them.
/// </summary>
public sealed class RunSession(
    IRunTransaction transaction, RunStateMachine machine, SchedulerOptions options, IdSource ids, Random dice, DateTimeOffset now, Func<Guid, short> shardOf)
{
    readonly Dictionary<RunKey, Run?> before = [];
    readonly Dictionary<RunKey, Run> current = [];
    readonly Dictionary<JobKey, JobLoad> loads = new(transaction.Loads);
    readonly Dictionary<JobKey, (int Due, int Running)> counted = transaction.Loads.ToDictionary(x => x.Key, x => (x.Value.Due, x.Value.Running));
    readonly Dictionary<IdempotencyKey, IdempotencyRecord> keys = [];
    readonly List<OutboxMessage> outbox = [];
    Func<JobKey, Job?>? definition;

    public DateTimeOffset Now => now;

    public DateTimeOffset IdempotencyExpiry => now + options.IdempotencyWindow;

    public List<OutboxMessage> WakeUps { get; } = [];

    /// <summary>The runs that changed, as they were (null: new) and as they are.</summary>
    public IEnumerable<(Run? Before, Run After)> Changed => current.Select(x => (before[x.Key], x.Value));

    /// <summary>The runs that messages came for, changed or not, as they are.</summary>
    public IEnumerable<Run> Seen => current.Values.Concat(transaction.Runs.Where(x => !current.ContainsKey(x.Key)).Select(x => x.Value));

    public IReadOnlyDictionary<JobKey, JobLoad> Loads => loads;

    public JobLoad Load(JobKey key)
    {
        if (!loads.TryGetValue(key, out var load))
            loads[key] = load = new(null, 0, 0);
        return load;
    }

    public Run? Find(RunKey key) => current.GetValueOrDefault(key) ?? transaction.Runs.GetValueOrDefault(key);

    public IdempotencyRecord? Find(IdempotencyKey key)
    {
        var record = keys.GetValueOrDefault(key) ?? transaction.Idempotency.GetValueOrDefault(key);
        return record?.ExpiresAt > now ? record : null;
    }

    public void Remember(IdempotencyKey key, IdempotencyRecord record) => keys[key] = record;

    /// <summary>Lets the run take a message, or nothing of it: an exception leaves the run as it was. False when there is no such run.</summary>
    public Task<bool> Raise<T>(Event<T> @event, T message, RunKey key, JobKey job, bool mayCreate = false) where T : class =>
        Change(key, job, mayCreate, (run, turn) =>
        {
            var context = new DefaultSagaConsumeContext<Run, T>(new LocalContext<T>(message, turn, key.Id.Value), run);
            return ((StateMachine<Run>)machine).RaiseEvent(new MassTransitStateMachine<Run>.BehaviorContextProxy<T>(machine, context, context, @event));
        });

    public async Task<bool> Change(RunKey key, JobKey job, bool mayCreate, Func<Run, RunTurn, Task> change)
    {
        var existing = Find(key) ?? Picked(key);
        if (existing is null && !mayCreate)
            return false;
        if (existing is not null && existing.JobKey != job)
            throw new InvalidOperationException($"{key.Id} is a run of {existing.Job}, not of {job.Name}: the group has not locked that job.");

        var run = existing?.Copy() ?? new Run { CorrelationId = key.Id.Value };
        var load = Load(job);
        var turn = new RunTurn(options, ids, now, dice.NextDouble(), load) { Definition = definition ??= Definition };
        await change(run, turn);
        if (turn.Conclusion is AttemptConclusion.Complete { Follows: { Count: > 0 } follows })
            foreach (var start in follows)
                await Raise(machine.Accepted, start, new(start.OrgId, start.RunId), start.Job.Key, mayCreate: true);

        outbox.AddRange(turn.Outbox);
        WakeUps.AddRange(turn.WakeUps);
        if (existing is not null && IsUnchanged(existing, run))
            return true;
        before.TryAdd(key, existing);
        current[key] = run;
        Count(load, existing, run);
        Count(Load(OrgWide(key.OrgId)), existing, run);
        return true;
    }

    /// <summary>The row that counts an org's runs over all its jobs; it is locked only where such a limit is set.</summary>
    public static JobKey OrgWide(string orgId) => new(orgId, "");

    public bool OrgHasRoom(string orgId, int? limit) => limit is null || Load(OrgWide(orgId)).Running < limit;

    public RunChanges Changes(IEnumerable<OutboxKey> confirmed)
    {
        var changes = new RunChanges();
        foreach (var (was, run) in Changed)
        {
            (was is null ? changes.Inserted : changes.Updated).Add(run);
            var key = new RunKey(run.OrgId, run.Id);
            if (run.WakeAt is { } at && (was?.WakeAt != at || was.Epoch != run.Epoch))
                changes.TimersSet.Add(new(run.OrgId, run.Id, run.Job, shardOf(run.CorrelationId), run.Epoch, at));
            else if (run.WakeAt is null && was?.WakeAt is not null)
                changes.TimersCleared.Add(key);
            if (run.Status == RunStatus.Failed && was?.Status != RunStatus.Failed)
                changes.DeadLetters.Add(new(run.OrgId, Contracts.Ulid.Format("dlq_", IdSource.Derive(run.CorrelationId, "dead letter")), run.Job, run.Id, run.Error!, run.Attempt, now));
        }

        foreach (var (key, was) in counted)
            if (loads[key] is var load && was != (load.Due, load.Running))
                changes.Loads.Add((key, load.Due, load.Running));
        changes.Idempotency.AddRange(keys.Select(x => (x.Key, x.Value)));
        changes.Outbox.AddRange(outbox);
        changes.Confirmed.AddRange(confirmed);
        return changes;
    }

    Job? Definition(JobKey key) => Load(key).Job is { ComponentId: not null } job ? job : null;

    Run? Picked(RunKey key) => transaction.Waiting.FirstOrDefault(run => run.Id == key.Id && run.OrgId == key.OrgId);

    // Every sentence of the state machine that changes a run changes one of these.
    static bool IsUnchanged(Run a, Run b) => a.CurrentState == b.CurrentState && a.Epoch == b.Epoch && a.Due == b.Due && a.WakeAt == b.WakeAt;

    static void Count(JobLoad load, Run? was, Run run)
    {
        load.Due += Contribution(run).Due - Contribution(was).Due;
        load.Running += Contribution(run).Running - Contribution(was).Running;
    }

    /// <summary>What a run adds to its job's counters (semantics 1).</summary>
    static (int Due, int Running) Contribution(Run? run) => run switch
    {
        null => (0, 0),
        { IsRunning: true } => (1, 1),
        { IsWaiting: true } => (1, 0),
        _ => (0, 0),
    };
}
