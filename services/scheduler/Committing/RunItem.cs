using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Effects;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>One message to one run, committed together with its neighbours. Its caller hears of it after the commit.</summary>
/// <param name="effects">What its message may touch besides its run.</param>
public abstract class RunItem(JobKey job, RunKey run, EffectKeys? effects = null) : IGroupItem
{
    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Exception? fault;

    public JobKey Job => job;
    public RunKey Run => run;
    public virtual IEnumerable<RunKey> Runs => effects is null ? [run] : [run, .. effects.Runs];
    public virtual IdempotencyKey? Idempotency => null;

    /// <summary>Those of its runs that begin with it.</summary>
    public virtual IEnumerable<RunKey> Created => effects?.Runs ?? [];

    /// <summary>The jobs of its runs.</summary>
    public IEnumerable<JobKey> Jobs => effects is null ? [job] : [job, .. effects.Jobs];

    /// <summary>Whether it may free a slot, which the group can then give away at once.</summary>
    public virtual bool MayFreeSlot => false;

    public virtual bool IsPatient => false;

    public Task Done => done.Task;

    public abstract Task Take(RunSession session, RunStateMachine machine);

    /// <summary>The item alone failed: the rest of its group commits.</summary>
    public void Fault(Exception exception) => fault = exception;

    public void Reset() => fault = null;

    public void Complete()
    {
        if (fault is null)
            done.TrySetResult();
        else
            done.TrySetException(fault);
    }

    public void Fail(Exception exception) => done.TrySetException(exception);
}

/// <summary>A message of the scheduler's own: a timer, a cancel, a loss.</summary>
public sealed class LocalItem<T>(JobKey job, RunKey run, T message, Func<RunStateMachine, Event<T>> @event, bool mayCreate = false, bool mayFreeSlot = false)
    : RunItem(job, run, EffectKeys.Of(message)) where T : class
{
    public override bool MayFreeSlot => mayFreeSlot;

    /// <summary>The run after the message; null when there is none.</summary>
    public Run? After { get; private set; }

    public Run? Before { get; private set; }

    public override async Task Take(RunSession session, RunStateMachine machine)
    {
        Before = session.Find(Run);
        await session.Raise(@event(machine), message, Run, Job, mayCreate);
        After = session.Find(Run);
    }
}

/// <summary>Cancels a run that is not there yet, where its job is.</summary>
public sealed class CancelAhead(JobKey job, RunKey run) : RunItem(job, run)
{
    public Run? After { get; private set; }

    public override async Task Take(RunSession session, RunStateMachine machine)
    {
        After = null;
        if (session.Load(Job).Job is null || (session.Find(Run) is { } known && known.JobKey != Job))
            return;
        await session.Raise(machine.Cancel, new CancelRun(Run.OrgId, Run.Id, Job.Name), Run, Job, mayCreate: true);
        After = session.Find(Run);
    }
}

/// <summary>Looks at what waits: new slots may have come.</summary>
public sealed class LookForWork() : RunItem(default, default)
{
    public override Task Take(RunSession session, RunStateMachine machine) => Task.CompletedTask;
}

/// <summary>What became of a run that was to be accepted.</summary>
public enum Acceptance
{
    Accepted,
    Existing,
    JobNotFound,
    ConcurrencyExceeded,
    IdempotencyConflict,
}

/// <summary>Accepts a run, or says why not. Triggers are decided in the order of their arrival (semantics 3).</summary>
public sealed class AcceptItem(JobKey job, RunKey run, Func<Job, AcceptRun> accept, string? idempotencyKey = null, byte[]? fingerprint = null, bool mayWait = true)
    : RunItem(job, run)
{
    public Acceptance Result { get; private set; }

    public bool MayWait => mayWait;

    /// <summary>The run that answers the caller: its own, or the one that its idempotency key names.</summary>
    public RunId Answer { get; private set; } = run.Id;

    /// <summary>The accepted run as it is after the group; null when it is an earlier one.</summary>
    public Run? After { get; private set; }

    public override IEnumerable<RunKey> Created => Runs;

    public override IdempotencyKey? Idempotency => idempotencyKey is null ? null : new(Job.OrgId, Job.Name, idempotencyKey);

    public override async Task Take(RunSession session, RunStateMachine machine)
    {
        After = null;
        Answer = Run.Id;
        if (session.Find(Run) is { } already)
        {
            // The same start again, or this very one after a commit that did not tell.
            After = already;
            Result = Acceptance.Existing;
            return;
        }

        if (Idempotency is { } key && session.Find(key) is { } record)
        {
            Answer = record.RunId;
            Result = record.Fingerprint.AsSpan().SequenceEqual(fingerprint) ? Acceptance.Existing : Acceptance.IdempotencyConflict;
            return;
        }

        var load = session.Load(Job);
        Result = Admit(load, mayWait);
        if (Result != Acceptance.Accepted)
            return;
        await session.Raise(machine.Accepted, accept(load.Job!), Run, Job, mayCreate: true);
        if (Idempotency is { } used)
            session.Remember(used, new(Run.Id, fingerprint!, session.IdempotencyExpiry));
        After = session.Find(Run);
    }

    public void Refuse(Acceptance reason) => Result = reason;

    /// <summary>Only a manual trigger is refused over the limit; everything else waits in line (semantics 2).</summary>
    public static Acceptance Admit(JobLoad load, bool mayWait) => load.Job is not { } job
        ? Acceptance.JobNotFound
        : !mayWait && load.Due >= job.MaxConcurrency ? Acceptance.ConcurrencyExceeded : Acceptance.Accepted;
}

/// <summary>Accepts many runs of one job, all or none.</summary>
public sealed class AcceptBatch(JobKey job, IReadOnlyList<AcceptItem> items) : RunItem(job, items[0].Run)
{
    public IReadOnlyList<AcceptItem> Items => items;

    public override IEnumerable<RunKey> Runs => items.Select(item => item.Run);

    public override IEnumerable<RunKey> Created => Runs;

    public override async Task Take(RunSession session, RunStateMachine machine)
    {
        var load = session.Load(Job);
        var refused = load.Job is null ? Acceptance.JobNotFound
            : load.Due + items.Count(item => !item.MayWait) > load.Job.MaxConcurrency && session.Find(Run) is null ? Acceptance.ConcurrencyExceeded
            : (Acceptance?)null;
        foreach (var item in items)
            if (refused is { } reason)
                item.Refuse(reason);
            else
                await item.Take(session, machine);
    }
}
