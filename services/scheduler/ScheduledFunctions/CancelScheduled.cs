using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.ScheduledFunctions;

/// <summary>Cancels a run that has not begun; one that has goes on. Where its start is still on its way, it leaves a tombstone for it (semantics 9).</summary>
public sealed class CancelScheduled(JobKey job, RunKey run, bool isUnderWay) : RunItem(job, run)
{
    /// <summary>It has not run and will not, whoever cancelled it: asked again, the answer is the same.</summary>
    public bool Cancelled { get; private set; }

    public override async Task Take(RunSession session, RunStateMachine machine)
    {
        var known = session.Find(Run);
        if (known is null ? isUnderWay && session.Load(Job).Job is not null : known.JobKey == Job && known is { IsFinal: false, Epoch: 0 })
            await session.Raise(machine.Cancel, new CancelRun(Run.OrgId, Run.Id, Job.Name), Run, Job, mayCreate: isUnderWay);
        Cancelled = session.Find(Run) is { Status: RunStatus.Cancelled, Epoch: 0 };
    }
}
