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
    public Task Put(TriggerRow trigger, CancellationToken stop) => Call(HttpMethod.Put, trigger, "", JsonContent.Create(new { topic = trigger.Topic, job = trigger.Job }), stop);

    public Task Delete(TriggerRow trigger, CancellationToken stop) => Call(HttpMethod.Delete, trigger, "", null, stop);

    /// <summary>
    /// Has the events from before the trigger handed to it where it asked for them. Only once the trigger is kept: it would start runs of a trigger
    /// that never came to be, and the next one would start them again. Asked again it goes on where it is.
    /// </summary>
    public Task CatchUp(TriggerRow trigger, CancellationToken stop) => EventTrigger.SinceOf(trigger) is { } since
        ? Call(HttpMethod.Post, trigger, "/catch-up", JsonContent.Create(new { since }), stop)
        : Task.CompletedTask;

    async Task Call(HttpMethod method, TriggerRow trigger, string path, HttpContent? content, CancellationToken stop)
    {
        using var response = await calls.Send(
            method, calls.Events, $"/internal/events/orgs/{Uri.EscapeDataString(trigger.OrgId)}/subscriptions/{trigger.Id}{path}", content, stop);
        if (!response.IsSuccessStatusCode && !(method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.NotFound))
            throw new StoreUnavailable($"The events service answered {(int)response.StatusCode}.");
    }
}
