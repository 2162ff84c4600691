using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Effects;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Committing;

/// <summary>
/// MassTransit's way to a run: instead of a transaction of its own, each message becomes an item of the current group, and is
/// acknowledged when that group is committed.
/// </summary>
public sealed class RunRepository(RunInbox inbox, TimeProvider time) : ISagaRepositoryContextFactory<Run>
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<Run, T>> next) where T : class
    {
        var (job, run) = context.Message switch
        {
            AttemptFinished message => (new JobKey(message.OrgId, message.Job), new RunKey(message.OrgId, message.RunId)),
            AttemptSuspended message => (new JobKey(message.OrgId, message.Job), new RunKey(message.OrgId, message.RunId)),
            _ => throw new NotSupportedException($"{typeof(T).Name} comes from within the scheduler, not over the bus."),
        };
        return StoreUnavailable.Outlast(() => inbox.Take(new BusItem<T>(job, run, context, next)), time, context.CancellationToken);
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<Run> query, IPipe<SagaRepositoryQueryContext<Run, T>> next) where T : class =>
        throw new NotSupportedException("Runs are found by their id only.");

    public void Probe(ProbeContext context) => context.Add("persistence", "groups");

    sealed class BusItem<T>(JobKey job, RunKey run, ConsumeContext<T> context, IPipe<SagaRepositoryContext<Run, T>> next) : RunItem(job, run, EffectKeys.Of(context.Message)) where T : class
    {
        public override bool MayFreeSlot => true;

        public override bool IsPatient => true;

        public override Task Take(RunSession session, RunStateMachine machine) =>
            session.Change(Run, Job, mayCreate: false, (instance, turn) => next.Send(new GroupContext<T>(context, instance, turn)));
    }

    /// <summary>The saga's context within a group: the instance is loaded already, and the group writes what became of it.</summary>
    sealed class GroupContext<T>(ConsumeContext<T> context, Run run, RunTurn turn) : ConsumeContextScope<T>(context, turn), SagaRepositoryContext<Run, T>
        where T : class
    {
        public Task<SagaConsumeContext<Run, T>> Load(Guid correlationId) => Task.FromResult<SagaConsumeContext<Run, T>>(new DefaultSagaConsumeContext<Run, T>(this, run));

        public Task<SagaConsumeContext<Run, T>> Add(Run instance) => Task.FromResult<SagaConsumeContext<Run, T>>(new DefaultSagaConsumeContext<Run, T>(this, instance));

        // Null makes MassTransit load first, and add only what is missing.
        public Task<SagaConsumeContext<Run, T>> Insert(Run instance) => Task.FromResult<SagaConsumeContext<Run, T>>(null!);

        public Task<SagaConsumeContext<Run, TMessage>> CreateSagaConsumeContext<TMessage>(ConsumeContext<TMessage> consumeContext, Run instance, SagaConsumeContextMode mode)
            where TMessage : class => Task.FromResult<SagaConsumeContext<Run, TMessage>>(new DefaultSagaConsumeContext<Run, TMessage>(consumeContext, instance));

        public Task Save(SagaConsumeContext<Run> context) => Task.CompletedTask;

        public Task Update(SagaConsumeContext<Run> context) => Task.CompletedTask;

        public Task Delete(SagaConsumeContext<Run> context) => Task.CompletedTask;

        public Task Discard(SagaConsumeContext<Run> context) => Task.CompletedTask;

        public Task Undo(SagaConsumeContext<Run> context) => Task.CompletedTask;
    }
}
