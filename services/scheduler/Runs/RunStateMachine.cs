using MassTransit;
using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Retries;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>
/// The life of a run. Every line is a sentence: in that state, when that happens, do this, go there. Decisions are pure functions
/// elsewhere; verbs are in <see cref="RunVerbs"/>.
/// </summary>
public sealed class RunStateMachine : MassTransitStateMachine<Run>
{
    public RunStateMachine()
    {
        InstanceState(run => run.CurrentState);

        Event(() => Accepted, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Dispatch, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Resend, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Lost, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Due, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Orphaned, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Cancel, x => x.CorrelateById(m => m.Message.RunId.Value));
        Event(() => Finished, x => { x.CorrelateById(m => m.Message.RunId.Value); x.OnMissingInstance(m => m.Discard()); });
        Event(() => Suspended, x => { x.CorrelateById(m => m.Message.RunId.Value); x.OnMissingInstance(m => m.Discard()); });

        Initially(
            When(Accepted, x => x.StartsNow()).Enter().Queue().TransitionTo(Pending),
            When(Accepted, x => !x.StartsNow()).Enter().WaitForStart().TransitionTo(Pending),
            When(Cancel).LeaveTombstone().TransitionTo(Cancelled));

        During(Pending,
            When(Dispatch).BeginAttempt().SendToExecutor().TransitionTo(Running),
            When(Due, x => x.IsAwaited()).Queue(),
            When(Orphaned, x => x.IsOrphaned()).BuryOrphan().TransitionTo(Failed),
            When(Cancel).End().TransitionTo(Cancelled));

        During(Running,
            When(Resend, x => x.IsCurrent(x.Message.Epoch)).SendToExecutor(),
            When(Finished, x => x.IsCurrent(x.Message.Epoch)).Conclude()
                .If(x => x.Concludes<AttemptConclusion.Complete>(), x => x.Complete().TransitionTo(Completed))
                .If(x => x.Concludes<AttemptConclusion.Retry>(), x => x.WaitForRetry().TransitionTo(Retrying))
                .If(x => x.Concludes<AttemptConclusion.Requeue>(), x => x.Requeue().TransitionTo(Pending))
                .If(x => x.Concludes<AttemptConclusion.Bury>(), x => x.Bury().TransitionTo(Failed)),
            When(Suspended, x => x.IsCurrent(x.Message.Epoch)).LeaveExecutor()
                .IfElse(x => x.IsOver(), x => x.Queue().TransitionTo(Pending), x => x.WaitForWake().TransitionTo(Sleeping)),
            When(Lost, x => x.IsCurrent(x.Message.Epoch)).ConcludeLoss()
                .If(x => x.Concludes<AttemptConclusion.Requeue>(), x => x.Requeue().TransitionTo(Pending))
                .If(x => x.Concludes<AttemptConclusion.Bury>(), x => x.Bury().TransitionTo(Failed)),
            When(Cancel).StopAttempt().End().TransitionTo(Cancelled));

        During(Sleeping, Retrying,
            When(Due, x => x.IsAwaited()).Queue().TransitionTo(Pending),
            When(Cancel).End().TransitionTo(Cancelled));

        // What comes twice, late, or after the end changes nothing (decision 1: any message may).
        During(Pending, Ignore(Accepted), Ignore(Resend), Ignore(Finished), Ignore(Suspended), Ignore(Lost));
        During(Running, Ignore(Accepted), Ignore(Dispatch), Ignore(Due), Ignore(Orphaned));
        During(Sleeping, Retrying, Ignore(Accepted), Ignore(Dispatch), Ignore(Resend), Ignore(Finished), Ignore(Suspended), Ignore(Lost), Ignore(Orphaned));
        During([Completed, Failed, Cancelled],
            Ignore(Orphaned), Ignore(Accepted), Ignore(Dispatch), Ignore(Resend), Ignore(Finished), Ignore(Suspended), Ignore(Lost), Ignore(Due), Ignore(Cancel));
    }

    public State Pending { get; private set; } = null!;
    public State Running { get; private set; } = null!;
    public State Sleeping { get; private set; } = null!;
    public State Retrying { get; private set; } = null!;
    public State Completed { get; private set; } = null!;
    public State Failed { get; private set; } = null!;
    public State Cancelled { get; private set; } = null!;

    public Event<AcceptRun> Accepted { get; private set; } = null!;
    public Event<DispatchRun> Dispatch { get; private set; } = null!;
    public Event<ResendRun> Resend { get; private set; } = null!;
    public Event<AttemptLost> Lost { get; private set; } = null!;
    public Event<TimerDue> Due { get; private set; } = null!;
    public Event<OrphanRun> Orphaned { get; private set; } = null!;
    public Event<CancelRun> Cancel { get; private set; } = null!;
    public Event<AttemptFinished> Finished { get; private set; } = null!;
    public Event<AttemptSuspended> Suspended { get; private set; } = null!;
}
