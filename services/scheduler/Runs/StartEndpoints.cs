using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Scheduler.Runs;

/// <summary>Starting runs by a call, one or up to a thousand. A run is answered after it is committed.</summary>
public sealed class StartEndpoints(RunInbox inbox, RunQueries queries, IdSource ids, SchedulerOptions options, TimeProvider time)
{
    const int MostInBatch = 1000;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/jobs/v1/{name}/trigger", Trigger).Accepts<StartSpec>("application/json").Produces<RunView>(202).ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
        endpoints.MapPost("/jobs/v1/{name}/trigger/batch", Batch).Accepts<StartSpec[]>("application/json").Produces<RunView[]>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(429);
    }

    async Task<IResult> Trigger(HttpContext http, string name)
    {
        var key = http.Request.Headers["Idempotency-Key"].FirstOrDefault();
        if (key is { Length: 0 or > RunRequest.LongestKey })
            throw new ProblemException(Problem.Invalid("Idempotency-Key", $"must have 1 to {RunRequest.LongestKey} characters"));
        var fields = await RequestBody.ReadFields(http);
        var request = RunRequest.Read(fields, options, time.GetUtcNow());
        fields.Done();
        var item = request.Accept(http.Caller().OrgId, JobName.InPath(name), ids, key);
        await inbox.Take(item);
        return ApiJson.Answer(202, await Answer(item, http));
    }

    async Task<IResult> Batch(HttpContext http, string name)
    {
        var org = http.Caller().OrgId;
        var root = RequestBody.Parse(await RequestBody.ReadBytes(http, 64 << 20));
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() is 0 or > MostInBatch)
            throw new ProblemException(Problem.Invalid("", $"must be an array of 1 to {MostInBatch} triggers"));
        var errors = new List<InputError>();
        var requests = root.EnumerateArray().Select((element, i) => Read(element, $"/{i}", errors)).ToArray();
        if (errors.Count > 0)
            throw new ProblemException(Problem.Invalid(errors));

        var batch = new AcceptBatch(new(org, JobName.InPath(name)), [.. requests.Select(request => request!.Accept(org, JobName.InPath(name), ids, null))]);
        await inbox.Take(batch);
        var answers = new List<RunView>();
        foreach (var item in batch.Items)
            answers.Add(await Answer(item, http));
        return ApiJson.Answer(202, answers);
    }

    RunRequest? Read(JsonElement element, string at, List<InputError> errors)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new(at, "must be an object"));
            return null;
        }

        try
        {
            var fields = new Fields(element, at);
            var request = RunRequest.Read(fields, options, time.GetUtcNow());
            fields.Done();
            return request;
        }
        catch (ProblemException exception) when (exception.Problem.Errors is { } found)
        {
            errors.AddRange(found);
            return null;
        }
    }

    async Task<RunView> Answer(AcceptItem item, HttpContext http) => item.Result switch
    {
        Acceptance.JobNotFound => throw JobName.NotFound(item.Job.Name),
        Acceptance.ConcurrencyExceeded => throw new ProblemException(
            new(429, "concurrency_exceeded", $"\"{item.Job.Name}\" has as many due runs as its max_concurrency allows; try again later, or raise it.") { RetryAfterSeconds = 1 }),
        Acceptance.IdempotencyConflict => throw new ProblemException(
            new(409, "idempotency_conflict", "This Idempotency-Key was used for another payload within the last 24 hours.")),
        _ => RunView.Of(item.After ?? await queries.Find(item.Job.OrgId, item.Answer, http.RequestAborted) ?? throw JobName.NotFound(item.Job.Name)),
    };
}
