using ReactorJobs.Contracts;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>
/// Deletes a job definition. What runs goes on; what is pending fails when it is due, and what waits for a slot fails now, each with the reason
/// and a dead letter: where the definition comes back, it can be retried.
/// </summary>
public sealed class DefinitionDeletion(JobRegistry registry, TriggerRegistry triggers, RunQueries queries, RunInbox inbox, TimeProvider time)
{
    const int PerRound = 500;

    public async Task Delete(string org, string definition, CancellationToken stop)
    {
        await triggers.Replace(org, definition, [], stop);
        await registry.Delete(org, definition, time.GetUtcNow(), stop);
        var filter = new RunFilter { Job = definition, Statuses = [RunStatus.Pending] };
        for (RunId? before = null; ;)
        {
            var round = await queries.List(org, filter with { Before = before }, PerRound, stop);
            await Task.WhenAll(round.Select(run => inbox.Take(new LocalItem<OrphanRun>(new(org, definition), new(org, new(run.Id)), new(org, new(run.Id)), machine => machine.Orphaned))));
            if (round.Count < PerRound)
                return;
            before = new RunId(round[^1].Id);
        }
    }
}
