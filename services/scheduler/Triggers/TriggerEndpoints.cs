using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Targets;

namespace ReactorJobs.Scheduler.Triggers;

/// <summary>What starts a job, besides a call.</summary>
public sealed class TriggerEndpoints(JobRegistry registry, TriggerRegistry triggers, TargetRegistry targets)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/jobs/v1/_admin/jobs/{name}/triggers", Create).Accepts<TriggerSpec>("application/json").Produces<TriggerView>(201).ProducesProblem(400).ProducesProblem(404);
        endpoints.MapGet("/jobs/v1/_admin/jobs/{name}/triggers", List).Produces<TriggerView[]>().ProducesProblem(404);
        endpoints.MapDelete("/jobs/v1/_admin/jobs/{name}/triggers/{id}", Delete).Produces(204).ProducesProblem(404);
        endpoints.MapGet("/internal/scheduler/orgs/{org}/triggers/{id}", IsKept).OnlyForServices();
    }

    /// <summary>For whoever was told of a trigger and does not know what became of it.</summary>
    async Task<IResult> IsKept(HttpContext http, string org, string id) =>
        await registry.Read(org, db => db.Triggers.AnyAsync(x => x.OrgId == org && x.Id == id, http.RequestAborted), http.RequestAborted)
            ? Results.NoContent()
            : throw new ProblemException(Problem.NotFound("trigger", id));

    async Task<IResult> Create(HttpContext http, string name)
    {
        var (org, target) = (http.Caller().OrgId, JobName.InPath(name));
        var found = await targets.Find(org, target, [], http.RequestAborted);
        if (found is { Job: null, Handler: null })
            throw found.Nearest.Count == 0 ? JobName.NotFound(target) : new(new(404, "job_not_found", TargetChoice.Unknown(target, found.Nearest)));
        var fields = await RequestBody.ReadFields(http);
        var request = TriggerRequest.Read(fields);
        fields.Done();
        var job = found.Job ?? await targets.Make(org, found.Handler!, http.RequestAborted);
        var (trigger, created) = await triggers.Add(job.OrgId, job.Name, request!, http.RequestAborted, isAsked: true);
        if (trigger.Url is { } address)
        {
            trigger = trigger with { Url = $"{http.Request.Scheme}://{http.Request.Host}{address}" };
            http.Response.Headers.CacheControl = "no-store";
        }

        return ApiJson.Answer(created ? 201 : 200, trigger);
    }

    async Task<IResult> List(HttpContext http, string name)
    {
        var job = await Find(http, name);
        return ApiJson.Answer(200, await triggers.List(job.OrgId, job.Name, http.RequestAborted));
    }

    async Task<IResult> Delete(HttpContext http, string name, string id)
    {
        var job = await Find(http, name);
        return await triggers.Remove(job.OrgId, job.Name, id, http.RequestAborted)
            ? Results.NoContent()
            : throw new ProblemException(Problem.NotFound("trigger", id));
    }

    async Task<Job> Find(HttpContext http, string segment)
    {
        var name = JobName.InPath(segment);
        return await registry.Find(http.Caller().OrgId, name, http.RequestAborted) ?? throw JobName.NotFound(name);
    }
}
