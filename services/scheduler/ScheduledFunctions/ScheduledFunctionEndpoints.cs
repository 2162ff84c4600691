using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Targets;

namespace ReactorJobs.Scheduler.ScheduledFunctions;

/// <summary>What handlers have scheduled: the read-only system table, and what <c>ctx.scheduler</c> asks the executors for.</summary>
public sealed class ScheduledFunctionEndpoints(ScheduledFunctionQueries scheduled, RunQueries runs, RunInbox inbox, TargetRegistry targets)
{
    public const string Path = "/jobs/v1/_scheduled_functions";
    const string Internal = "/internal/scheduler/orgs/{org}";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Path, (Delegate)List).Produces<ScheduledFunction[]>().ProducesProblem(400);
        endpoints.MapGet(Path + "/{id}", (HttpContext http, string id) => Get(http, http.Caller().OrgId, id)).Produces<ScheduledFunction>().ProducesProblem(404);
        endpoints.MapPost(Internal + "/scheduled", ListFor).OnlyForServices();
        endpoints.MapGet(Internal + "/scheduled/{id}", Get).OnlyForServices();
        endpoints.MapPost(Internal + "/scheduled/{id}/cancel", Cancel).OnlyForServices();
        endpoints.MapPost(Internal + "/targets/{target}", Resolve).OnlyForServices();
    }

    async Task<IResult> List(HttpContext http)
    {
        var page = Paging.Read(http);
        var functions = await scheduled.List(http.Caller().OrgId, States(http.Request.Query["state"].FirstOrDefault()), ScheduledCursor.Read(page.Cursor), page.Limit + 1, http.RequestAborted);
        var shown = functions.Take(page.Limit).ToArray();
        return ApiJson.Page(http, shown, functions.Count > page.Limit ? ScheduledCursor.Of(shown[^1]) : null);
    }

    static string[] States(string? text)
    {
        var states = text?.Split(',') ?? ScheduledFunction.Unfinished;
        return states.All(ScheduledFunction.Unfinished.Contains)
            ? states
            : throw new ProblemException(Problem.Invalid("state", $"must be one or more of {string.Join(", ", ScheduledFunction.Unfinished)}, separated by commas"));
    }

    async Task<IResult> Get(HttpContext http, string org, string id) => ApiJson.Answer(200,
        RunId.TryParse(id, out var run) && await runs.Find(org, run, http.RequestAborted) is { } found && ScheduledFunction.Of(found) is { } function
            ? function
            : throw new ProblemException(Problem.NotFound("scheduled_function", id)));

    /// <param name="underWay">Ids that the caller knows to be scheduled: it is told which of them are runs already.</param>
    async Task<IResult> ListFor(HttpContext http, string org, string[] underWay)
    {
        RunId[] ids = [.. underWay.Select(x => RunId.TryParse(x, out var id) ? id : throw new ProblemException(Problem.Invalid("", "must be runs' ids")))];
        var functions = await scheduled.List(org, ScheduledFunction.Unfinished, null, Paging.Read(http).Limit, http.RequestAborted);
        return ApiJson.Answer(200, new { Functions = functions, Known = await scheduled.Known(org, ids, http.RequestAborted) });
    }

    /// <summary>The job says where the run belongs whose start is still on its way; without one, an unknown run is not cancelled.</summary>
    async Task<IResult> Cancel(HttpContext http, string org, string id)
    {
        var fields = await RequestBody.ReadFields(http);
        var job = fields.String("job");
        fields.Done();
        if (!RunId.TryParse(id, out var run))
            throw new ProblemException(Problem.NotFound("scheduled_function", id));
        var known = await runs.Find(org, run, http.RequestAborted);
        if ((known is null && job is null) || (known is not null && ScheduledFunction.Of(known) is null))
            return ApiJson.Answer(200, new CancelledFunction(false));
        var item = new CancelScheduled(new JobKey(org, known?.Job ?? job!), new(org, run), isUnderWay: job is not null);
        await inbox.Take(item);
        return ApiJson.Answer(200, new CancelledFunction(item.Cancelled));
    }

    async Task<IResult> Resolve(HttpContext http, string org, string target) =>
        ApiJson.Answer(200, new { Job = await targets.Resolve(org, HandlerName.InPath(target), http.RequestAborted) });
}
