using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Scheduler.Committing;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>Where every message for a run goes in, to be committed with its neighbours.</summary>
public sealed class RunInbox(GroupLoop<RunItem> loop)
{
    public void Post(RunItem item) => loop.Post(item);

    /// <summary>Completes when the item's group is committed.</summary>
    public Task Take(RunItem item)
    {
        loop.Post(item);
        return item.Done;
    }
}
