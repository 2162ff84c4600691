using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Routing;
using ReactorJobs.Events.Schema;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;

namespace ReactorJobs.Events.Events;

static class EventEndpoints
{
    const string Root = "/jobs/v1/_admin/events";

    public static void MapEvents(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Root, Emit);
        endpoints.MapGet(Root, List);
        endpoints.MapGet(Root + "/{id}", Get);
    }

    /// <summary>Answers when the event is committed. An id of the caller's makes it safe to send again.</summary>
    static async Task<IResult> Emit(HttpContext http, EventRouter router, IdSource ids, TimeProvider time)
    {
        var fields = await RequestBody.ReadFields(http);
        var topic = fields.Element("topic", required: true) is { } given ? ReadTopic(given, fields) : "";
        var payload = fields.Payload("payload") ?? RawJson.Null;
        var id = fields.String("id") is { } text ? ReadId(text, fields) : ids.NewEvent();
        fields.Done();

        var emitted = new EventEmitted(http.Caller().OrgId, id, topic, payload, time.GetUtcNow());
        var stored = await router.Take(emitted);
        return EventRouting.IsSame(stored, emitted)
            ? ApiJson.Answer(202, EventView.Of(stored))
            : throw new ProblemException(new(409, "idempotency_conflict", $"{id} is already an event with another topic or payload."));
    }

    static async Task<IResult> List(HttpContext http, [FromKeyedServices(EventsDb.Name)] ServiceDatabase database)
    {
        var query = EventQuery.Read(http);
        var orgId = http.Caller().OrgId;
        var rows = await database.Read<EventsDb, List<EventRow>>(
            orgId, options => new(options), db => query.Apply(db.Events.Where(x => x.OrgId == orgId)).ToListAsync(http.RequestAborted), http.RequestAborted);
        var page = rows.Take(query.Limit).Select(EventView.Of).ToArray();
        return ApiJson.Page(http, page, rows.Count > page.Length ? page[^1].Id : null);
    }

    static async Task<IResult> Get(HttpContext http, string id, [FromKeyedServices(EventsDb.Name)] ServiceDatabase database)
    {
        var orgId = http.Caller().OrgId;
        var found = EventId.TryParse(id, out var known)
            ? await database.Read<EventsDb, EventDetailView?>(orgId, options => new(options), async db =>
            {
                if (await db.Events.FirstOrDefaultAsync(x => x.OrgId == orgId && x.Id == known.Value, http.RequestAborted) is not { } row)
                    return null;
                var deliveries = await db.Deliveries.Where(x => x.OrgId == orgId && x.EventId == known.Value)
                    .OrderBy(x => x.CreatedAt).ThenBy(x => x.Replay).ThenBy(x => x.TriggerId).ToListAsync(http.RequestAborted);
                return EventDetailView.Of(row, deliveries);
            }, http.RequestAborted)
            : null;
        return found is null ? throw new ProblemException(Problem.NotFound("event", id)) : ApiJson.Answer(200, found);
    }

    static string ReadTopic(System.Text.Json.JsonElement element, Fields fields)
    {
        if (element.ValueKind != System.Text.Json.JsonValueKind.String)
        {
            fields.Wrong("topic", "must be a string");
            return "";
        }

        string topic;
        try
        {
            topic = element.GetString()!;
        }
        catch (InvalidOperationException) // half a surrogate pair, escaped
        {
            fields.Wrong("topic", "must be valid Unicode");
            return "";
        }

        if (EventTopic.Flaw(topic) is { } flaw)
            fields.Wrong("topic", flaw);
        return topic;
    }

    static EventId ReadId(string text, Fields fields)
    {
        if (!EventId.TryParse(text, out var id) || id == default)
            fields.Wrong("id", "must be evt_ and a ULID, such as evt_01JZ8Q5M3V7W9X2Y4Z6A8B0C1D");
        return id;
    }
}
