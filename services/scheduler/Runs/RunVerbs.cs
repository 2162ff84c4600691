using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Effects;
using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>What the sentences of <see cref="RunStateMachine"/> do to a run, and what they ask about it.</summary>
static class RunVerbs
{
    /// <summary>A cancel that did not reach its attempt in this time has nobody to reach.</summary>
    static readonly TimeSpan CancelIsWorth = TimeSpan.FromMinutes(1);

    public static bool StartsNow(this BehaviorContext<Run, AcceptRun> context) => !(context.Message.RunAt > RunTurn.Of(context).Now);

    /// <summary>Only the newest epoch's outcome applies (semantics 7).</summary>
    public static bool IsCurrent(this BehaviorContext<Run> context, int epoch) => context.Saga.Epoch == epoch;

    public static bool IsAwaited(this BehaviorContext<Run, TimerDue> context) =>
        context.Saga.Epoch == context.Message.Epoch && context.Saga.WakeAt == context.Message.DueAt;

    /// <summary>What is due later finds out then, and the definition may be back by now.</summary>
    public static bool IsOrphaned(this BehaviorContext<Run, OrphanRun> context) => context.Saga.Due && RunTurn.Of(context).Load.IsDeletedDefinition;

    public static bool IsOver(this BehaviorContext<Run, AttemptSuspended> context) => WakeTime(context.Message) <= RunTurn.Of(context).Now;

    public static bool Concludes<T>(this BehaviorContext<Run> context) where T : AttemptConclusion => RunTurn.Of(context).Conclusion is T;

    public static EventActivityBinder<Run, AcceptRun> Enter(this EventActivityBinder<Run, AcceptRun> binder) => binder.Then(context =>
    {
        var (run, message, turn) = (context.Saga, context.Message, RunTurn.Of(context));
        run.OrgId = message.OrgId;
        run.Job = message.Job.Name;
        run.Handler = message.Job.Handler;
        run.Attempt = 1;
        run.MaxAttempts = message.Job.Retry.MaxAttempts;
        run.TimeoutMs = message.TimeoutMs ?? message.Job.TimeoutMs;
        run.Priority = message.Priority;
        run.Trigger = message.Trigger;
        run.Payload = message.Payload;
        run.CreatedAt = turn.Now;
        run.RunAt = WholeMilliseconds(message.RunAt ?? turn.Now);
        run.QueuedAt = turn.PlaceInLine(run);
        run.RetryOf = message.RetryOf;
        run.SharesCheckpoints = message.SharesCheckpoints;
    });

    /// <summary>A cancel that came before its run: the start that is still on its way finds the run ended.</summary>
    public static EventActivityBinder<Run, CancelRun> LeaveTombstone(this EventActivityBinder<Run, CancelRun> binder) => binder.Then(context =>
    {
        var (run, turn) = (context.Saga, RunTurn.Of(context));
        var now = turn.Now;
        run.OrgId = context.Message.OrgId;
        run.Job = context.Message.Job;
        run.Handler = turn.Load.Job?.Handler ?? "";
        run.Attempt = run.MaxAttempts = 1;
        run.CreatedAt = run.RunAt = run.QueuedAt = now;
        run.CompletedAt = now;
    });

    public static EventActivityBinder<Run, T> Queue<T>(this EventActivityBinder<Run, T> binder) where T : class => binder.Then(context =>
    {
        context.Saga.Due = true;
        context.Saga.QueuedAt = RunTurn.Of(context).PlaceInLine(context.Saga);
        context.Saga.WakeAt = null;
    });

    public static EventActivityBinder<Run, AcceptRun> WaitForStart(this EventActivityBinder<Run, AcceptRun> binder) =>
        binder.Then(context => context.Saga.WakeAt = context.Saga.RunAt);

    public static EventActivityBinder<Run, DispatchRun> BeginAttempt(this EventActivityBinder<Run, DispatchRun> binder) => binder.Then(context =>
    {
        var (run, now) = (context.Saga, RunTurn.Of(context).Now);
        run.Epoch++;
        run.Executor = context.Message.Executor;
        run.DispatchedAt = now;
        run.StartedAt ??= now;
    });

    public static EventActivityBinder<Run, T> SendToExecutor<T>(this EventActivityBinder<Run, T> binder) where T : class => binder.Then(context =>
    {
        var (run, turn) = (context.Saga, RunTurn.Of(context));
        turn.WakeUp(run.OrgId, Queues.Executor(run.Executor!.Value), new ExecuteRun(
            run.OrgId, run.Id, run.Epoch, run.Attempt, run.MaxAttempts, run.Job, run.Handler, run.Payload, run.Trigger, run.TimeoutMs,
            turn.Now, run.SharesCheckpoints ? run.RetryOf : null, (context.Message as DispatchRun)?.AsOf));
    });

    public static EventActivityBinder<Run, AttemptFinished> Conclude(this EventActivityBinder<Run, AttemptFinished> binder) => binder.Then(context =>
    {
        var turn = RunTurn.Of(context);
        turn.Conclusion = AttemptConclusion.Of(context.Saga, context.Message, turn.Retry, turn.Options.PoisonAfterLosses, turn.Now, turn.Dice);
        // Only a definition's runs have effects: another job's result is never misread.
        if (turn.Conclusion is AttemptConclusion.Complete && turn.Load.IsOfDefinition)
            turn.Conclusion = EffectConclusion.Of(context.Saga, context.Message, turn.Now, turn.Definition);
        FreeSlot(context.Saga);
    });

    public static EventActivityBinder<Run, AttemptLost> ConcludeLoss(this EventActivityBinder<Run, AttemptLost> binder) => binder.Then(context =>
    {
        var turn = RunTurn.Of(context);
        turn.Conclusion = AttemptConclusion.OfLoss(context.Saga, turn.Options.PoisonAfterLosses);
        FreeSlot(context.Saga);
    });

    public static EventActivityBinder<Run, AttemptFinished> Complete(this EventActivityBinder<Run, AttemptFinished> binder) => binder.Then(context =>
    {
        context.Saga.Result = context.Message.Result;
        context.Saga.Error = null;
    }).End();

    public static EventActivityBinder<Run, AttemptFinished> WaitForRetry(this EventActivityBinder<Run, AttemptFinished> binder) => binder.Then(context =>
    {
        var run = context.Saga;
        run.Error = context.Message.Error;
        run.Attempt++;
        run.Losses = 0;
        run.Due = false;
        run.WakeAt = ((AttemptConclusion.Retry)RunTurn.Of(context).Conclusion!).At;
    });

    public static EventActivityBinder<Run, T> Requeue<T>(this EventActivityBinder<Run, T> binder) where T : class => binder.Then(context =>
    {
        if (((AttemptConclusion.Requeue)RunTurn.Of(context).Conclusion!).Loss)
            context.Saga.Losses++;
    }).Queue();

    public static EventActivityBinder<Run, T> Bury<T>(this EventActivityBinder<Run, T> binder) where T : class => binder.Then(context =>
        context.Saga.Error = ((AttemptConclusion.Bury)RunTurn.Of(context).Conclusion!).Error).End();

    /// <summary>Nothing can run it any more.</summary>
    public static EventActivityBinder<Run, OrphanRun> BuryOrphan(this EventActivityBinder<Run, OrphanRun> binder) => binder.Then(context =>
        context.Saga.Error = new("DefinitionDeleted", $"The job definition \"{context.Saga.Job}\" was deleted before the job was due.", "definition_deleted")).End();

    public static EventActivityBinder<Run, AttemptSuspended> LeaveExecutor(this EventActivityBinder<Run, AttemptSuspended> binder) => binder.Then(context =>
    {
        FreeSlot(context.Saga);
        context.Saga.Losses = 0;
    });

    public static EventActivityBinder<Run, AttemptSuspended> WaitForWake(this EventActivityBinder<Run, AttemptSuspended> binder) => binder.Then(context =>
    {
        context.Saga.Due = false;
        context.Saga.WakeAt = WakeTime(context.Message);
    });

    public static EventActivityBinder<Run, CancelRun> StopAttempt(this EventActivityBinder<Run, CancelRun> binder) => binder.Then(context =>
    {
        var (run, turn) = (context.Saga, RunTurn.Of(context));
        turn.Send(run.OrgId, Queues.Executor(run.Executor!.Value), new CancelAttempt(run.OrgId, run.Id, run.Epoch, RunStatus.Cancelled), turn.Now + CancelIsWorth);
        FreeSlot(run);
    });

    public static EventActivityBinder<Run, T> End<T>(this EventActivityBinder<Run, T> binder) where T : class => binder.Then(context =>
    {
        context.Saga.Due = false;
        context.Saga.WakeAt = null;
        context.Saga.CompletedAt = RunTurn.Of(context).Now;
    });

    static void FreeSlot(Run run)
    {
        run.Executor = null;
        run.DispatchedAt = null;
    }

    // The first of the conditions that comes true wakes the run; not a moment early, or it would only suspend again.
    static DateTimeOffset WakeTime(AttemptSuspended message) => WholeMilliseconds(message.Waits.Min(wait => wait.DueAt).AddTicks(TimeSpan.TicksPerMillisecond - 1));

    // A timer counts only where its time is the run's, and the database keeps no ticks.
    static DateTimeOffset WholeMilliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
