using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Following;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>Looking at runs, waiting for them, and changing their course.</summary>
public sealed class RunEndpoints(RunQueries queries, RunDetail detail, RunFollowing following, RunCancels cancels, RunRetries retries)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/jobs/v1/runs", (Delegate)((HttpContext http) => List(http, null))).Produces<RunSummary[]>().ProducesProblem(400);
        endpoints.MapGet("/jobs/v1/_admin/jobs/{name}/runs", List).Produces<RunSummary[]>().ProducesProblem(400);
        endpoints.MapGet("/jobs/v1/runs/{id}", (HttpContext http, string id) => Get(http, null, id)).Produces<RunView>().ProducesProblem(404);
        endpoints.MapGet("/jobs/v1/_admin/jobs/{name}/runs/{id}", Get).Produces<RunView>().ProducesProblem(404);
        endpoints.MapGet("/jobs/v1/runs/{id}/follow", Follow).ProducesProblem(404);
        endpoints.MapPost("/jobs/v1/_admin/jobs/{name}/runs/{id}/cancel", Cancel).Produces<RunView>().ProducesProblem(404).ProducesProblem(409);
        endpoints.MapPost("/jobs/v1/_admin/jobs/{name}/runs/{id}/retry", Retry).Accepts<RetryRunSpec>(isOptional: true, "application/json").Produces<RunView>(202).ProducesProblem(404);
        endpoints.MapPost("/jobs/v1/runs/cancel", (Delegate)CancelMany).Accepts<CancelSpec>("application/json").Produces<Cancelled>().ProducesProblem(400);
    }

    async Task<IResult> List(HttpContext http, string? name)
    {
        var page = Paging.Read(http);
        var filter = RunFilters.OfQuery(http.Request.Query, page.Cursor);
        if (name is not null)
            filter = filter with { Job = JobName.InPath(name) };
        var runs = await queries.List(http.Caller().OrgId, filter, page.Limit + 1, http.RequestAborted);
        var shown = runs.Take(page.Limit).Select(RunSummary.Of).ToArray();
        return ApiJson.Page(http, shown, runs.Count > page.Limit ? shown[^1].Id : null);
    }

    async Task<IResult> Get(HttpContext http, string? name, string id)
    {
        var run = await Find(http, name, id);
        if (http.Request.Query["wait"].FirstOrDefault() is { } wait)
        {
            if (!Duration.TryParse(wait, out var atMost) || atMost > TimeSpan.FromMinutes(5))
                throw new ProblemException(Problem.Invalid("wait", "must be a duration of at most 5m, such as 30s"));
            run = await following.End(run, atMost, http.RequestAborted);
        }

        return ApiJson.Answer(200, await detail.Of(run, http.RequestAborted));
    }

    async Task Follow(HttpContext http, string id)
    {
        var run = await Find(http, null, id);
        await following.Stream(run, http);
    }

    async Task<IResult> Cancel(HttpContext http, string name, string id)
    {
        var org = http.Caller().OrgId;
        if (RunId.TryParse(id, out var early) && await queries.Find(org, early, http.RequestAborted) is null
            && await cancels.Ahead(org, JobName.InPath(name), early) is { } tombstone)
            return ApiJson.Answer(200, RunView.Of(tombstone));

        var run = await Find(http, name, id);
        var (after, ended) = await cancels.One(run.OrgId, run.Job, run.Id);
        return ended || after.Status == RunStatus.Cancelled
            ? ApiJson.Answer(200, RunView.Of(after))
            : throw new ProblemException(new(409, "run_finished", $"{id} is {after.Status}: what has ended cannot be cancelled."));
    }

    async Task<IResult> CancelMany(HttpContext http)
    {
        var fields = await RequestBody.ReadFields(http);
        var (filter, ids) = RunFilters.OfBody(fields);
        fields.Done();
        var org = http.Caller().OrgId;
        if (ids is null)
            return Answer(await cancels.All(org, filter, http.RequestAborted));

        var cancelled = new List<RunId>();
        foreach (var id in ids)
            if (await queries.Find(org, id, http.RequestAborted) is { IsFinal: false } run && (await cancels.One(org, run.Job, id)).Ended)
                cancelled.Add(id);
        return Answer(cancelled);

        static IResult Answer(IReadOnlyList<RunId> ids) => ApiJson.Answer(200, new Cancelled(ids.Count, ids));
    }

    async Task<IResult> Retry(HttpContext http, string name, string id)
    {
        var run = await Find(http, name, id);
        var fields = await RequestBody.ReadFields(http);
        var from = RunRetries.ReadFrom(fields);
        fields.Done();
        return ApiJson.Answer(202, RunView.Of(await retries.Retry(run, from)));
    }

    async Task<Run> Find(HttpContext http, string? name, string text)
    {
        var missing = new ProblemException(Problem.NotFound("run", text));
        if (!RunId.TryParse(text, out var id))
            throw missing;
        var run = await queries.Find(http.Caller().OrgId, id, http.RequestAborted) ?? throw missing;
        return name is null || run.Job == JobName.InPath(name) ? run : throw missing;
    }
}

public sealed record Cancelled(int Count, IReadOnlyList<RunId> Ids);

/// <summary>Which runs a request means, from its query or its body.</summary>
static class RunFilters
{
    public static RunFilter OfQuery(IQueryCollection query, string? cursor)
    {
        var before = default(RunId);
        if (cursor is not null && !RunId.TryParse(cursor, out before))
            throw new ProblemException(Problem.Invalid("cursor", "is not one that this list gave"));
        return new()
        {
            Job = query.TextOf("job_id"),
            Statuses = query["status"].FirstOrDefault() is { } status ? Statuses(status) : null,
            Trigger = query.TextOf("trigger"),
            Since = Time(query, "since"),
            Until = Time(query, "until"),
            Before = cursor is null ? null : before,
        };
    }

    public static (RunFilter Filter, IReadOnlyList<RunId>? Ids) OfBody(Fields fields)
    {
        var ids = fields.Array("ids", 1000, (element, at, parent) =>
        {
            if (!RunId.TryParse(RequestBody.TextOf(element), out var id))
            {
                parent.Wrong(at.TrimStart('/'), "must be a run's id");
                return default;
            }

            return id;
        });
        var status = fields.String("status");
        var filter = new RunFilter
        {
            Job = fields.String("job_id"),
            Statuses = status is null ? null : Statuses(status),
            Trigger = fields.String("trigger"),
            Since = fields.Time("since"),
            Until = fields.Time("until"),
            Data = fields.Payload("data"),
        };
        if (ids is null && filter == new RunFilter())
            fields.Wrong("", "must hold ids, or at least one of job_id, status, trigger, since, until, data");
        return (filter, ids);
    }

    static string[] Statuses(string text)
    {
        var statuses = text.Split(',');
        return statuses.All(RunStatus.All.Contains)
            ? statuses
            : throw new ProblemException(Problem.Invalid("status", $"must be one or more of {string.Join(", ", RunStatus.All)}, separated by commas"));
    }

    static DateTimeOffset? Time(IQueryCollection query, string name) => query[name].FirstOrDefault() is not { } text ? null
        : Instant.TryParse(text, out var time) ? time
        : throw new ProblemException(Problem.Invalid(name, Instant.Rule));
}
