using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Hosting.Ids;
using ReactorJobs.Scheduler.Committing;
using ReactorJobs.Scheduler.Jobs;
using ReactorJobs.Scheduler.Runs;

namespace ReactorJobs.Scheduler.DeadLetters;

public sealed record DeadLetterView(
    string Id, string JobId, string RunId, RunErrorView Error, int Attempts, DateTimeOffset CreatedAt, string Status, string? RetriedAs)
{
    public static DeadLetterView Of(DeadLetterRow row) => new(
        row.Id, row.Job, new RunId(row.RunId).ToString(), RunErrorView.Of(RunRow.Error(row.Error)), row.Attempts, row.CreatedAt,
        row.RetriedAs is null ? "open" : "retried", row.RetriedAs is { } run ? new RunId(run).ToString() : null);
}

/// <summary>What failed for good: looked at, retried, discarded.</summary>
public sealed class DeadLetterEndpoints(JobRegistry registry, RunQueries queries, RunRetries retries)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        const string all = "/jobs/v1/_admin/jobs/{name}/dlq";
        endpoints.MapGet(all, List).Produces<DeadLetterView[]>().ProducesProblem(404);
        endpoints.MapGet(all + "/{id}", Get).Produces<DeadLetterView>().ProducesProblem(404);
        endpoints.MapPost(all + "/{id}/retry", Retry).Accepts<RetryRunSpec>(isOptional: true, "application/json").Produces<RunView>(202).ProducesProblem(404);
        endpoints.MapPost(all + "/retry", RetryMany).Accepts<RetryLettersSpec>("application/json").Produces<RunView[]>(202).ProducesProblem(400);
        endpoints.MapDelete(all + "/{id}", Discard).Produces(204).ProducesProblem(404);
    }

    async Task<IResult> List(HttpContext http, string name)
    {
        var (org, job) = await FindJob(http, name);
        var page = Paging.Read(http);
        var rows = await registry.Read(org, db => Letters(db, org, job, page.Cursor).Take(page.Limit + 1).ToListAsync(http.RequestAborted), http.RequestAborted);
        var shown = rows.Take(page.Limit).Select(DeadLetterView.Of).ToArray();
        return ApiJson.Page(http, shown, rows.Count > page.Limit ? shown[^1].Id : null);
    }

    async Task<IResult> Get(HttpContext http, string name, string id) => ApiJson.Answer(200, DeadLetterView.Of(await Find(http, name, id)));

    async Task<IResult> Retry(HttpContext http, string name, string id)
    {
        var letter = await Find(http, name, id);
        var fields = await RequestBody.ReadFields(http);
        var from = RunRetries.ReadFrom(fields);
        fields.Done();
        return ApiJson.Answer(202, await RetryOne(letter, from, http.RequestAborted));
    }

    async Task<IResult> RetryMany(HttpContext http, string name)
    {
        var (org, job) = await FindJob(http, name);
        var fields = await RequestBody.ReadFields(http);
        var from = RunRetries.ReadFrom(fields);
        var all = fields.Boolean("all") ?? false;
        var ids = fields.Array("ids", 1000, (element, at, parent) =>
        {
            if (RequestBody.TextOf(element) is { } id && !id.Contains('\0'))
                return id;
            parent.Wrong(at.TrimStart('/'), "must be a dead letter's id");
            return "";
        });
        var since = fields.Time("since");
        var until = fields.Time("until");
        if (ids is null && !all && since is null && until is null)
            fields.Wrong("", "must hold ids, since or until, or all: true");
        fields.Done();

        var letters = await registry.Read(org, db =>
        {
            var open = Letters(db, org, job, null).Where(x => x.RetriedAs == null);
            if (ids is not null)
                open = open.Where(x => ids.Contains(x.Id));
            if (since is not null)
                open = open.Where(x => x.CreatedAt >= since);
            if (until is not null)
                open = open.Where(x => x.CreatedAt < until);
            return open.ToListAsync(http.RequestAborted);
        }, http.RequestAborted);
        var runs = new List<RunView>();
        foreach (var letter in letters)
            runs.Add(await RetryOne(letter, from, http.RequestAborted));
        return ApiJson.Answer(202, runs);
    }

    async Task<IResult> Discard(HttpContext http, string name, string id)
    {
        var letter = await Find(http, name, id);
        await registry.Write(letter.OrgId, (db, _) => db.DeadLetters.Where(x => x.OrgId == letter.OrgId && x.Id == id).ExecuteDeleteAsync(http.RequestAborted), http.RequestAborted);
        return Results.NoContent();
    }

    // A letter is retried once: the new run's id follows from the letter's, so a second call, or one after a crash, finds the same run.
    async Task<RunView> RetryOne(DeadLetterRow letter, string from, CancellationToken stop)
    {
        var failed = await queries.Find(letter.OrgId, new(letter.RunId), stop) ?? throw new ProblemException(Problem.NotFound("run", new RunId(letter.RunId).ToString()));
        var run = await retries.Retry(failed, from, new RunId(IdSource.Derive(letter.RunId, "retry of " + letter.Id)));
        await registry.Write(letter.OrgId, (db, _) => db.DeadLetters.Where(x => x.OrgId == letter.OrgId && x.Id == letter.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(x => x.RetriedAs, run.CorrelationId), stop), stop);
        return RunView.Of(run);
    }

    static IQueryable<DeadLetterRow> Letters(SchedulerDb db, string org, string job, string? before)
    {
        var letters = db.DeadLetters.Where(x => x.OrgId == org && x.Job == job);
        return (before is null ? letters : letters.Where(x => string.Compare(x.Id, before) < 0)).OrderByDescending(x => x.Id);
    }

    async Task<DeadLetterRow> Find(HttpContext http, string name, string id)
    {
        var (org, job) = await FindJob(http, name);
        return await registry.Read(org, db => Letters(db, org, job, null).FirstOrDefaultAsync(x => x.Id == id, http.RequestAborted), http.RequestAborted)
            ?? throw new ProblemException(Problem.NotFound("dead_letter", id));
    }

    async Task<(string Org, string Job)> FindJob(HttpContext http, string segment)
    {
        var name = JobName.InPath(segment);
        var job = await registry.Find(http.Caller().OrgId, name, http.RequestAborted) ?? throw JobName.NotFound(name);
        return (job.OrgId, job.Name);
    }
}
