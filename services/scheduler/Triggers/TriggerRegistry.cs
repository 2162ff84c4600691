using Microsoft.EntityFrameworkCore;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>Keeps the triggers of each job. A trigger is kept after whoever fires it knows of it, and forgotten after it was taken from them.</summary>
public sealed class TriggerRegistry(JobRegistry registry, EventSubscriptions subscriptions, IdSource ids, TimeProvider time)
{
    public async Task<IReadOnlyList<TriggerView>> List(string orgId, string job, CancellationToken stop) => [.. (await Rows(orgId, job, stop)).Select(TriggerView.Of)];

    /// <summary>Adds a trigger; the same one again is the one that is there.</summary>
    public async Task<(TriggerView Trigger, bool Created)> Add(string orgId, string job, TriggerRequest request, CancellationToken stop)
    {
        var existing = (await Rows(orgId, job, stop)).FirstOrDefault(request.IsSameAs);
        var row = existing ?? request.ToRow(orgId, ids.New("trg_"), job, time.GetUtcNow());
        await Announce(row, stop);
        if (existing is not null)
        {
            await subscriptions.CatchUp(existing, stop);
            return (TriggerView.Of(existing), false);
        }

        await registry.Write(orgId, async (db, _) =>
        {
            db.Triggers.Add(row);
            return await db.SaveChangesAsync(stop);
        }, stop);
        await subscriptions.CatchUp(row, stop);
        return (TriggerView.Of(row), true);
    }

    public async Task<bool> Remove(string orgId, string job, string id, CancellationToken stop)
    {
        if ((await Rows(orgId, job, stop)).FirstOrDefault(x => x.Id == id) is not { } row)
            return false;
        await Withdraw(row, stop);
        await registry.Write(orgId, (db, _) => db.Triggers.Where(x => x.OrgId == orgId && x.Id == id).ExecuteDeleteAsync(stop), stop);
        return true;
    }

    /// <summary>Makes these the job's triggers; true when that changed anything.</summary>
    public async Task<bool> Replace(string orgId, string job, IReadOnlyList<TriggerRequest> wanted, CancellationToken stop)
    {
        var changed = false;
        foreach (var surplus in (await Rows(orgId, job, stop)).Where(row => !wanted.Any(x => x.IsSameAs(row))))
            changed |= await Remove(orgId, job, surplus.Id, stop);
        foreach (var request in wanted)
            changed |= (await Add(orgId, job, request, stop)).Created;
        return changed;
    }

    Task<List<TriggerRow>> Rows(string orgId, string job, CancellationToken stop) =>
        registry.Read(orgId, db => db.Triggers.Where(x => x.OrgId == orgId && x.Job == job).OrderBy(x => x.Id).ToListAsync(stop), stop);

    Task Announce(TriggerRow row, CancellationToken stop) => row.Kind switch
    {
        TriggerKinds.Event => subscriptions.Put(row, stop),
        _ => Task.CompletedTask,
    };

    Task Withdraw(TriggerRow row, CancellationToken stop) => row.Kind switch
    {
        TriggerKinds.Event => subscriptions.Delete(row, stop),
        _ => Task.CompletedTask,
    };
}
