using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Dispatch;
using ReactorJobs.Scheduler.Runs;
using ReactorJobs.Scheduler.Triggers;

namespace ReactorJobs.Scheduler.Jobs;

/// <summary>Registering jobs one by one or by manifest, and looking after them.</summary>
public sealed class JobEndpoints(JobRegistry registry, TriggerRegistry triggers, RunCancels cancels, Capacity capacity, SchedulerOptions options, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/jobs/v1/_admin/jobs", (Delegate)Create).Accepts<JobSpec>("application/json").Produces<JobView>(201).Produces<JobView>(200).ProducesProblem(400).ProducesProblem(409);
        endpoints.MapGet("/jobs/v1/_admin/jobs", (Delegate)List).Produces<JobView[]>();
        endpoints.MapGet("/jobs/v1/_admin/jobs/{name}", Get).Produces<JobView>().ProducesProblem(404);
        endpoints.MapPatch("/jobs/v1/_admin/jobs/{name}", Change).Accepts<JobSpec>("application/json").Produces<JobView>().ProducesProblem(400).ProducesProblem(404);
        endpoints.MapDelete("/jobs/v1/_admin/jobs/{name}", Delete).Produces(204).ProducesProblem(404);
        endpoints.MapPost("/internal/scheduler/orgs/{org}/jobs", ApplyFor).OnlyForServices();
        // Of these handlers those whose runs would be taken now.
        endpoints.MapPost("/internal/scheduler/orgs/{org}/served", (string org, string[] handlers) => ApiJson.Answer(200, handlers.Where(x => capacity.IsServed(org, x)))).OnlyForServices();
        endpoints.MapPost("/jobs/v1/jobs", (Delegate)ApplyManifest).Accepts<ManifestSpec>("application/json").Produces<ManifestOutcome>().ProducesProblem(400);
    }

    async Task<IResult> Create(HttpContext http)
    {
        var org = http.Caller().OrgId;
        var fields = await RequestBody.ReadFields(http);
        var request = JobRequest.Read(fields, org, options, time.GetUtcNow());
        fields.Done();
        var (job, outcome) = (await registry.Register(org, [request.Job], mayUpdate: false, http.RequestAborted))[0];
        if (outcome == Registration.Updated)
            throw new ProblemException(new(409, "job_exists", $"There is a job \"{job.Name}\" with other settings; change it with PATCH, or apply a manifest."));
        if (request.Triggers is { } wanted)
            await triggers.Replace(org, job.Name, wanted, http.RequestAborted);
        return ApiJson.Answer(outcome == Registration.Created ? 201 : 200, JobView.Of(job));
    }

    async Task<IResult> List(HttpContext http)
    {
        var page = Paging.Read(http);
        var jobs = await registry.List(http.Caller().OrgId, page.Cursor, page.Limit + 1, http.RequestAborted);
        var shown = jobs.Take(page.Limit).Select(job => JobView.Of(job)).ToArray();
        return ApiJson.Page(http, shown, jobs.Count > page.Limit ? shown[^1].Id : null);
    }

    async Task<IResult> Get(HttpContext http, string name)
    {
        var job = await Find(http, name);
        return ApiJson.Answer(200, JobView.Of(job, await triggers.List(job.OrgId, job.Name, http.RequestAborted)));
    }

    async Task<IResult> Change(HttpContext http, string name)
    {
        var job = await Find(http, name);
        var changed = JobRequest.Change(job, await RequestBody.ReadFields(http), options, time.GetUtcNow());
        await registry.Register(job.OrgId, [changed], mayUpdate: true, http.RequestAborted);
        return ApiJson.Answer(200, JobView.Of(changed));
    }

    async Task<IResult> Delete(HttpContext http, string name)
    {
        var job = await Find(http, name);
        await triggers.RemoveAll(job.OrgId, job.Name, http.RequestAborted);
        await registry.Delete(job.OrgId, job.Name, time.GetUtcNow(), http.RequestAborted);
        await cancels.All(job.OrgId, new RunFilter { Job = job.Name }, http.RequestAborted);
        return Results.NoContent();
    }

    async Task<IResult> ApplyManifest(HttpContext http)
    {
        var org = http.Caller().OrgId;
        return ApiJson.Answer(200, await Apply(org, await Read(http, org), http.RequestAborted));
    }

    /// <summary>The job of a deployed function, from the service that keeps it; with <c>check=true</c> it is read, and nothing else.</summary>
    async Task<IResult> ApplyFor(HttpContext http, string org, bool check = false)
    {
        var requests = await Read(http, org);
        return ApiJson.Answer(200, check ? new ManifestOutcome([], [], []) : await Apply(org, requests, http.RequestAborted));
    }

    async Task<IReadOnlyList<JobRequest>> Read(HttpContext http, string org) =>
        JobRequest.ReadManifest(await RequestBody.ReadBytes(http, Limits.BodyBytes), org, options, time.GetUtcNow());

    async Task<ManifestOutcome> Apply(string org, IReadOnlyList<JobRequest> requests, CancellationToken stop)
    {
        var outcomes = await registry.Register(org, [.. requests.Select(x => x.Job)], mayUpdate: true, stop);
        var updated = new HashSet<string>(StringComparer.Ordinal);
        foreach (var request in requests)
            if (request.Triggers is { } wanted && await triggers.Replace(org, request.Job.Name, wanted, stop))
                updated.Add(request.Job.Name);
        string[] Of(Registration outcome) => [.. outcomes.Where(x => x.Outcome == outcome).Select(x => x.Job.Name)];
        var unchanged = Of(Registration.Unchanged);
        return new ManifestOutcome(
            Of(Registration.Created), [.. Of(Registration.Updated), .. unchanged.Where(updated.Contains)], [.. unchanged.Where(x => !updated.Contains(x))]);
    }

    async Task<Job> Find(HttpContext http, string segment)
    {
        var name = JobName.InPath(segment);
        return await registry.Find(http.Caller().OrgId, name, http.RequestAborted) ?? throw JobName.NotFound(name);
    }
}

/// <summary>What applying a manifest did, as job ids.</summary>
public sealed record ManifestOutcome(IReadOnlyList<string> Created, IReadOnlyList<string> Updated, IReadOnlyList<string> Unchanged);
