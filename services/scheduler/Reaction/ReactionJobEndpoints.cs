using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.Reaction;

/// <summary>Reaction's background jobs over HTTP, with the fields in its spelling.</summary>
public sealed class ReactionJobEndpoints(ReactionJobs jobs, RunDetail detail)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/resources/jobs/cancel", (Delegate)Cancel).Accepts<ReactionCancelSpec>("application/json").Produces<ReactionCancelled>().ProducesProblem(400).Needs("jobs:write");
        endpoints.MapPut("/resources/cleanup", (Delegate)Cleanup).Accepts<ReactionCleanup>("application/json").Produces<ReactionCleanup>().ProducesProblem(400).Needs("job-definitions:write");
    }

    /// <summary>What to do with the body of a <c>POST /resources/jobs</c> that has a <c>type</c>.</summary>
    public async Task<IResult> Schedule(HttpContext http, Fields fields)
    {
        var request = ReactionJobRequest.Read(fields);
        fields.Done();
        return Answer(201, await jobs.Schedule(http.Caller().OrgId, request, http.RequestAborted));
    }

    /// <summary>What to answer to a <c>GET /resources/jobs/{id}</c>; null where the id is neither a run's nor a schedule's.</summary>
    public async Task<IResult?> Find(HttpContext http, string id)
    {
        var org = http.Caller().OrgId;
        return await jobs.Run(org, id, http.RequestAborted) is { } run ? Answer(200, ReactionJobView.Of(await detail.Of(run, http.RequestAborted)))
            : await jobs.ScheduleOf(org, id, http.RequestAborted) is { } schedule ? Answer(200, schedule)
            : null;
    }

    async Task<IResult> Cancel(HttpContext http)
    {
        var fields = await RequestBody.ReadFields(http);
        var (type, data) = (ReactionJobRequest.ReadType(fields), fields.Payload("data"));
        fields.Done();
        var cancelled = await jobs.Cancel(http.Caller().OrgId, type, data, http.RequestAborted);
        return Answer(200, new ReactionCancelled(cancelled.Count, cancelled));
    }

    async Task<IResult> Cleanup(HttpContext http)
    {
        var fields = await RequestBody.ReadFields(http);
        var type = ReactionJobRequest.ReadType(fields);
        var days = fields.Integer("purge_after_days", 1, JobRequest.MostRetentionDays);
        if (days is null)
            fields.Element("purge_after_days", required: true);
        fields.Done();
        await jobs.Cleanup(http.Caller().OrgId, type, (int)days!.Value, http.RequestAborted);
        return Answer(200, new ReactionCleanup(type, (int)days.Value));
    }

    static IResult Answer<T>(int status, T value) => Results.Json(value, ReactionJobView.Json, "application/json", status);
}

/// <param name="Wait">In milliseconds.</param>
public sealed record ReactionRetrySpec(int? Retries, long? Wait, string? Backoff);

public sealed record ReactionCancelSpec(string Type, object? Data);

/// <param name="Ids">Of runs and of schedules.</param>
public sealed record ReactionCancelled(int Cancelled, IReadOnlyList<string> Ids);

/// <summary>Finished runs of a type go after so many days.</summary>
public sealed record ReactionCleanup(string Type, int PurgeAfterDays);
