using System.Net;
using System.Net.Http.Json;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>
/// The events service holds the subscription of a trigger, and must have stored it before the trigger is answered (semantics 17); a trigger
/// without a subscription is repaired by asking for it again.
/// </summary>
public sealed class EventSubscriptions(InternalCalls calls)
{
    public Task Put(TriggerRow trigger, CancellationToken stop) => Call(HttpMethod.Put, trigger, JsonContent.Create(new { topic = trigger.Topic, job = trigger.Job }), stop);

    public Task Delete(TriggerRow trigger, CancellationToken stop) => Call(HttpMethod.Delete, trigger, null, stop);

    async Task Call(HttpMethod method, TriggerRow trigger, HttpContent? content, CancellationToken stop)
    {
        using var response = await calls.Send(
            method, calls.Events, $"/internal/events/orgs/{Uri.EscapeDataString(trigger.OrgId)}/subscriptions/{trigger.Id}", content, stop);
        if (!response.IsSuccessStatusCode && !(method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound))
            throw new StoreUnavailable($"The events service answered {(int)response.StatusCode}.");
    }
}
