using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Events.CatchUps;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Subscriptions;

/// <summary>
/// The scheduler owns the triggers and tells what they listen to. A trigger is acknowledged to its user after the subscription's commit
/// (semantics 17): whatever is emitted from then on reaches it.
/// </summary>
static class SubscriptionEndpoints
{
    const string Root = "/internal/events/orgs/{org}/subscriptions";
    const int LongestJob = 128;

    public static void MapSubscriptions(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPut(Root + "/{triggerId}", Put).OnlyForServices();
        endpoints.MapDelete(Root + "/{triggerId}", Delete).OnlyForServices();
        endpoints.MapPost(Root + "/{triggerId}/catch-up", CatchUp).OnlyForServices();
        endpoints.MapGet(Root, List).OnlyForServices();
    }

    static async Task<IResult> Put(HttpContext http, string org, string triggerId, IEventStore store, TimeProvider time)
    {
        var fields = await RequestBody.ReadFields(http);
        var topic = fields.String("topic", required: true);
        if (topic is not null && EventTopic.Flaw(topic) is { } flaw)
            fields.Wrong("topic", flaw);
        var job = fields.String("job", required: true);
        if (job is { Length: 0 or > LongestJob })
            fields.Wrong("job", $"must have 1 to {LongestJob} characters");
        fields.Done();
        var subscription = await store.Subscribe(new(org, triggerId, topic!, job!, time.GetUtcNow()), http.RequestAborted);
        return ApiJson.Answer(200, View.Of(subscription));
    }

    /// <summary>
    /// Hands earlier events to the subscription, too. Asked for when the trigger is kept, so that a trigger that never came to be starts nothing;
    /// asked again, nothing is handed over twice.
    /// </summary>
    static async Task<IResult> CatchUp(HttpContext http, string org, string triggerId, EventCatchUps catchUps)
    {
        var fields = await RequestBody.ReadFields(http);
        var since = fields.Time("since", required: true);
        fields.Done();
        return await catchUps.Begin(org, triggerId, since!.Value, http.RequestAborted)
            ? Results.NoContent()
            : throw new ProblemException(Problem.NotFound("subscription", triggerId));
    }

    /// <summary>Succeeds too when there is none: the caller repeats what it has no answer to.</summary>
    static async Task<IResult> Delete(HttpContext http, string org, string triggerId, IEventStore store)
    {
        await store.Unsubscribe(org, triggerId, http.RequestAborted);
        return Results.NoContent();
    }

    /// <summary>All of an org's, for the scheduler to compare with its triggers.</summary>
    static async Task<IResult> List(HttpContext http, string org, [FromKeyedServices(EventsDb.Name)] ServiceDatabase database)
    {
        var rows = await database.Read<EventsDb, List<SubscriptionRow>>(
            org, options => new(options), db => db.Subscriptions.Where(x => x.OrgId == org).OrderBy(x => x.TriggerId).ToListAsync(http.RequestAborted),
            http.RequestAborted);
        return ApiJson.Answer(200, rows.ConvertAll(x => View.Of(new(x.OrgId, x.TriggerId, x.Topic, x.Job, x.CreatedAt))));
    }

    sealed record View(string TriggerId, string Topic, string Job, DateTimeOffset CreatedAt)
    {
        public static View Of(Subscription subscription) =>
            new(subscription.TriggerId, subscription.Topic, subscription.Job, subscription.CreatedAt);
    }
}
