using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Simulation.RunStore;

public sealed class InMemoryRunStoreConforms : RunStoreConformance
{
    readonly InMemoryRunStore store = new(TimeProvider.System);

    protected override IRunStore Store => store;

    protected override Task Register(Job job)
    {
        store.Register(job);
        return Task.CompletedTask;
    }
}
