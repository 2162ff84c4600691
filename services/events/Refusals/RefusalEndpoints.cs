using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Contracts;
using ReactorJobs.Events.Schema;
using ReactorJobs.Events.Sql;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Refusals;

static class RefusalEndpoints
{
    public static void MapRefusals(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/jobs/v1/_admin/refused", List);

    /// <summary>Newest first, by the ids that they would have had.</summary>
    static async Task<IResult> List(HttpContext http, [FromKeyedServices(EventsDb.Name)] ServiceDatabase database)
    {
        var (limit, cursor) = Paging.Read(http);
        var before = default(Guid?);
        if (cursor is not null)
            before = RunId.TryParse(cursor, out var run) ? run.Value : EventId.TryParse(cursor, out var emitted) ? emitted.Value
                : throw new ProblemException(Problem.Invalid("cursor", "must be what a Link header gave"));
        var orgId = http.Caller().OrgId;
        var rows = await database.Read<EventsDb, List<RefusalRow>>(
            orgId, options => new(options), db =>
            {
                var refusals = db.Refusals.Where(x => x.OrgId == orgId);
                if (before is { } id)
                    refusals = refusals.Where(x => x.Id.CompareTo(id) < 0);
                return refusals.OrderByDescending(x => x.Id).Take(limit + 1).ToListAsync(http.RequestAborted);
            }, http.RequestAborted);
        var page = rows.Take(limit).Select(View.Of).ToArray();
        return ApiJson.Page(http, page, rows.Count > page.Length ? page[^1].Id : null);
    }

    sealed record View(
        string Id, string Kind, string Name, RawJson Payload, string TriggerKind, string Code, string Reason, DateTimeOffset RequestedAt, DateTimeOffset RefusedAt)
    {
        public static View Of(RefusalRow row) => new(
            row.Kind == SqlRequest.Run ? new RunId(row.Id).ToString() : new EventId(row.Id).ToString(), row.Kind, row.Name, RawJson.Trusted(row.Payload),
            row.TriggerKind, row.Code, row.Reason, row.RequestedAt, row.RefusedAt);
    }
}
