using Microsoft.EntityFrameworkCore;
using Npgsql;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Fires;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Webhooks;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>Keeps the triggers of each job. A trigger is kept after whoever fires it knows of it, and forgotten after it was taken from them.</summary>
/// <param name="wake">Is told the next time of a new cron trigger, and that there is none of one that is gone.</param>
public sealed class TriggerRegistry(JobRegistry registry, EventSubscriptions subscriptions, DataWatches watches, Hooks hooks, Action<TriggerKey, DateTimeOffset?> wake, IdSource ids, TimeProvider time)
{
    public async Task<IReadOnlyList<TriggerView>> List(string orgId, string job, CancellationToken stop) => [.. (await Rows(orgId, job, stop)).Select(Show)];

    /// <summary>Adds a trigger; the same one again is the one that is there.</summary>
    /// <param name="isAsked">A caller asks for this one: <see cref="TriggerRequest.IsNewEachTime"/>.</param>
    public async Task<(TriggerView Trigger, bool Created)> Add(string orgId, string job, TriggerRequest request, CancellationToken stop, bool isAsked = false)
    {
        var existing = isAsked && request.IsNewEachTime ? null : (await Rows(orgId, job, stop)).FirstOrDefault(request.IsSameAs);
        var row = existing ?? request.ToRow(orgId, ids.New("trg_"), job, time.GetUtcNow());
        await Announce(row, stop);
        var url = request is WebhookTrigger webhook ? await hooks.Put(row, webhook, stop) : null;
        if (existing is not null)
        {
            await subscriptions.CatchUp(existing, stop);
            await Confirm(existing, stop);
            return (Show(existing) with { Url = url }, false);
        }

        try
        {
            await registry.Write(orgId, async (db, connection) =>
            {
                db.Triggers.Add(row);
                await db.SaveChangesAsync(stop);
                return row.Kind != TriggerKinds.Cron || await FireStore.Begin(connection, row, stop);
            }, stop);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Somebody has added the same one meanwhile: this one's changes and events are nobody's.
            await Withdraw(row, stop);
            return (Show((await Rows(orgId, job, stop)).First(request.IsSameAs)), false);
        }

        await subscriptions.CatchUp(row, stop);
        await Confirm(row, stop);
        var view = Show(row);
        if (view.NextFireAt is { } next)
            wake(new(orgId, row.Id), next);
        return (view with { Url = url }, true);
    }

    public async Task<bool> Remove(string orgId, string job, string id, CancellationToken stop)
    {
        if ((await Rows(orgId, job, stop)).FirstOrDefault(x => x.Id == id) is not { } row)
            return false;
        await Withdraw(row, stop);
        await registry.Write(orgId, (db, _) => db.Triggers.Where(x => x.OrgId == orgId && x.Id == id).ExecuteDeleteAsync(stop), stop);
        if (row.Kind == TriggerKinds.Cron)
            wake(new(orgId, id), null);
        return true;
    }

    /// <summary>Makes these the job's triggers, beside those that functions declare; true when that changed anything.</summary>
    public async Task<bool> Replace(string orgId, string job, IReadOnlyList<TriggerRequest> wanted, CancellationToken stop)
    {
        var changed = false;
        foreach (var surplus in (await Rows(orgId, job, stop)).Where(row => row.DeclaredBy is null && !wanted.Any(x => x.IsSameAs(row))))
            changed |= await Remove(orgId, job, surplus.Id, stop);
        foreach (var request in wanted)
            changed |= (await Add(orgId, job, request, stop)).Created;
        return changed;
    }

    /// <summary>The job goes, and with it all that starts it.</summary>
    public async Task RemoveAll(string orgId, string job, CancellationToken stop)
    {
        foreach (var row in await Rows(orgId, job, stop))
            await Remove(orgId, job, row.Id, stop);
    }

    /// <summary>As it is kept; null where the job has no such trigger.</summary>
    public async Task<TriggerRow?> Find(string orgId, string job, string id, CancellationToken stop) => (await Rows(orgId, job, stop)).FirstOrDefault(x => x.Id == id);

    public TriggerView Show(TriggerRow row) => TriggerView.Of(row, time.GetUtcNow());

    Task<List<TriggerRow>> Rows(string orgId, string job, CancellationToken stop) =>
        registry.Read(orgId, db => db.Triggers.Where(x => x.OrgId == orgId && x.Job == job).OrderBy(x => x.Id).ToListAsync(stop), stop);

    Task Announce(TriggerRow row, CancellationToken stop) => row.Kind switch
    {
        TriggerKinds.Event => subscriptions.Put(row, stop),
        TriggerKinds.Data => watches.Put(row, stop),
        _ => Task.CompletedTask,
    };

    Task Confirm(TriggerRow row, CancellationToken stop) => row.Kind == TriggerKinds.Data ? watches.Confirm(row, stop) : Task.CompletedTask;

    Task Withdraw(TriggerRow row, CancellationToken stop) => row.Kind switch
    {
        TriggerKinds.Event => subscriptions.Delete(row, stop),
        TriggerKinds.Data => watches.Delete(row, stop),
        TriggerKinds.Webhook => hooks.Delete(row, stop),
        _ => Task.CompletedTask,
    };
}
