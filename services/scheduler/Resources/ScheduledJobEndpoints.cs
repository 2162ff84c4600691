using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Reaction;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Resources;

/// <summary>Scheduling jobs of definitions, looking at them, and cancelling those that have not begun.</summary>
/// <param name="typed">Takes what names a type instead of a definition.</param>
public sealed class ScheduledJobEndpoints(
    ResourceStore store, ScheduledJobQueries queries, JobStatistics statistics, RunInbox inbox, IdSource ids, ReactionJobEndpoints typed, TimeProvider time)
{
    const string Path = "/resources/jobs";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, (Delegate)Schedule).Accepts<ScheduledJobSpec>("application/json").Produces<ScheduledJobView>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs("jobs:write");
        endpoints.MapGet(Path, (Delegate)List).Produces<ScheduledJobSummary[]>().ProducesProblem(400).Needs("jobs:read");
        endpoints.MapGet(Path + "/statistics", (Delegate)Statistics).Produces<StatisticsView>().ProducesProblem(400).ProducesProblem(404).Needs("jobs:read");
        endpoints.MapGet(Path + "/{jobId}", Get).Produces<ScheduledJobView>().ProducesProblem(404).Needs("jobs:read");
        endpoints.MapDelete(Path + "/{jobId}", Cancel).Produces(204).ProducesProblem(404).ProducesProblem(409).Needs("jobs:write");
    }

    async Task<IResult> Schedule(HttpContext http)
    {
        var fields = await RequestBody.ReadFields(http);
        if (fields.Has("type"))
            return await typed.Schedule(http, fields);
        var definition = fields.String("job_definition_id", required: true);
        var parameters = fields.Payload("parameters") ?? RawJson.Null;
        if (!parameters.IsNull && parameters.Utf8.Span[0] != (byte)'{')
            fields.Wrong("parameters", "must be an object");
        var runAt = fields.Time("run_at");
        fields.Done();
        var key = http.Request.Headers["Idempotency-Key"].FirstOrDefault();
        if (key is { Length: 0 or > RunRequest.LongestKey })
            throw new ProblemException(Problem.Invalid("Idempotency-Key", $"must have 1 to {RunRequest.LongestKey} characters"));

        var org = http.Caller().OrgId;
        _ = await store.FindDefinition(org, definition!, http.RequestAborted) ?? throw DefinitionSpec.NotFound(definition!);
        var payload = parameters.IsNull ? RawJson.Trusted("{}") : parameters;
        var id = ids.NewRun();
        // It waits in line, however many there are: it was asked for a time, not for an answer.
        var item = new AcceptItem(
            new(org, definition!), new(org, id), job => new AcceptRun(org, id, job, payload, RunTrigger.Manual) { RunAt = runAt },
            key, key is null ? null : SHA256.HashData(payload.Utf8.Span));
        await inbox.Take(item);
        var run = item.Result switch
        {
            Acceptance.JobNotFound => throw DefinitionSpec.NotFound(definition!),
            Acceptance.IdempotencyConflict => throw new ProblemException(new(409, "idempotency_conflict", "This Idempotency-Key was used for other parameters within the last 24 hours.")),
            _ => item.After ?? await queries.Find(org, item.Answer, http.RequestAborted) ?? throw DefinitionSpec.NotFound(definition!),
        };
        http.Response.Headers.Location = $"{Path}/{run.Id}";
        return ApiJson.Answer(201, ScheduledJobView.Of(run));
    }

    async Task<IResult> List(HttpContext http)
    {
        var page = Paging.Read(http);
        var query = RunFilters.OfQuery(http.Request.Query, page.Cursor);
        var rows = await queries.List(
            http.Caller().OrgId, http.Request.Query.TextOf("jobDefinitionId"), query.Statuses?.ToArray(), query.Before, page.Limit + 1, http.RequestAborted);
        var shown = rows.Take(page.Limit).Select(ScheduledJobSummary.Of).ToArray();
        return ApiJson.Page(http, shown, rows.Count > page.Limit ? shown[^1].JobId : null);
    }

    async Task<IResult> Get(HttpContext http, string jobId) =>
        await Known(http, jobId) is { } run ? ApiJson.Answer(200, ScheduledJobView.Of(run)) : await typed.Find(http, jobId) ?? throw NotFound(jobId);

    async Task<IResult> Cancel(HttpContext http, string jobId)
    {
        var run = await Known(http, jobId) ?? throw NotFound(jobId);
        var item = new CancelPending(run.JobKey, new(run.OrgId, run.Id));
        await inbox.Take(item);
        return item is { Ended: true } or { After.Status: RunStatus.Cancelled }
            ? Results.NoContent()
            : throw new ProblemException(new(409, "job_not_pending", $"{jobId} is {(item.After ?? run).Status}: only a pending job can be cancelled here."));
    }

    async Task<IResult> Statistics(HttpContext http)
    {
        var (org, query) = (http.Caller().OrgId, http.Request.Query);
        var range = StatisticsRange.Read(query, time.GetUtcNow());
        var definition = query.TextOf("jobDefinitionId");
        if (definition is not null && !await statistics.Knows(org, definition, http.RequestAborted))
            throw DefinitionSpec.NotFound(definition);
        return ApiJson.Answer(200, await statistics.Of(org, definition, range, http.RequestAborted));
    }

    async Task<Run?> Known(HttpContext http, string text) => RunId.TryParse(text, out var id) ? await queries.Find(http.Caller().OrgId, id, http.RequestAborted) : null;

    static ProblemException NotFound(string id) => new(Problem.NotFound("job", id));
}
