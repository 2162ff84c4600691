using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Triggers;

public sealed record TriggerView(string Id, string JobId, string Kind, string? Topic, DateTimeOffset CreatedAt)
{
    public static TriggerView Of(TriggerRow row) => new(row.Id, row.Job, row.Kind, row.Topic, row.CreatedAt);
}

/// <summary>
/// Triggers of kind <c>event</c>. The events service holds the subscription and must have stored it before the trigger is answered
/// (semantics 17); a trigger without a subscription is repaired by asking for it again.
/// </summary>
public sealed class EventTriggers(JobRegistry registry, InternalCalls calls, IdSource ids, TimeProvider time)
{
    public Task<IReadOnlyList<TriggerView>> List(string orgId, string job, CancellationToken stop) => registry.Read<IReadOnlyList<TriggerView>>(orgId, async db =>
        [.. (await db.Triggers.Where(x => x.OrgId == orgId && x.Job == job).OrderBy(x => x.Id).ToListAsync(stop)).Select(TriggerView.Of)], stop);

    /// <summary>Adds a trigger; the same topic again is the trigger that is there.</summary>
    public async Task<(TriggerView Trigger, bool Created)> Add(string orgId, string job, TriggerRequest request, CancellationToken stop)
    {
        var existing = (await List(orgId, job, stop)).FirstOrDefault(x => x.Kind == request.Kind && x.Topic == request.Topic);
        var row = new TriggerRow
        {
            OrgId = orgId,
            Id = existing?.Id ?? ids.New("trg_"),
            Job = job,
            Kind = request.Kind,
            Topic = request.Topic,
            CreatedAt = existing?.CreatedAt ?? time.GetUtcNow(),
        };
        await Call(HttpMethod.Put, orgId, row.Id, JsonContent.Create(new { topic = row.Topic, job }), stop);
        if (existing is not null)
            return (existing, false);
        await registry.Write(orgId, async (db, _) =>
        {
            db.Triggers.Add(row);
            return await db.SaveChangesAsync(stop);
        }, stop);
        return (TriggerView.Of(row), true);
    }

    public async Task<bool> Remove(string orgId, string job, string id, CancellationToken stop)
    {
        if ((await List(orgId, job, stop)).All(x => x.Id != id))
            return false;
        await Call(HttpMethod.Delete, orgId, id, null, stop);
        await registry.Write(orgId, (db, _) => db.Triggers.Where(x => x.OrgId == orgId && x.Id == id).ExecuteDeleteAsync(stop), stop);
        return true;
    }

    /// <summary>Makes these the job's triggers; true when that changed anything.</summary>
    public async Task<bool> Replace(string orgId, string job, IReadOnlyList<TriggerRequest> wanted, CancellationToken stop)
    {
        var changed = false;
        foreach (var surplus in (await List(orgId, job, stop)).Where(x => !wanted.Contains(new(x.Kind, x.Topic))))
            changed |= await Remove(orgId, job, surplus.Id, stop);
        foreach (var request in wanted.Distinct())
            changed |= (await Add(orgId, job, request, stop)).Created;
        return changed;
    }

    async Task Call(HttpMethod method, string orgId, string id, HttpContent? content, CancellationToken stop)
    {
        using var response = await calls.Send(method, calls.Events, $"/internal/events/orgs/{Uri.EscapeDataString(orgId)}/subscriptions/{id}", content, stop);
        if (!response.IsSuccessStatusCode && !(method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound))
            throw new StoreUnavailable($"The events service answered {(int)response.StatusCode}.");
    }
}
