using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using ReactorJobs.Contracts;
using ReactorJobs.Executor.Database;
using ReactorJobs.Executor.Retention;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Runs;

/// <summary>Steps and attempts of a run, for the scheduler to join with its record, and to delete with it. A run that is not known here has none.</summary>
static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder endpoints, ServiceDatabase database, TimeProvider time)
    {
        endpoints.MapGet("/internal/executor/orgs/{org}/runs/{run}", async (string org, string run, CancellationToken stop) =>
            RunId.TryParse(run, out var id)
                ? Results.Ok(await Read(database, org, id, time, stop))
                : throw new ProblemException(Problem.NotFound("run", run))).OnlyForServices();
        var retention = new RunRetention(database);
        endpoints.MapPost("/internal/executor/orgs/{org}/runs/delete", async (string org, RunId[] runs, CancellationToken stop) =>
            runs.Length <= RunRetention.MostAtOnce
                ? Results.Ok(await retention.Delete(org, runs, stop))
                : throw new ProblemException(Problem.Invalid("", $"must name at most {RunRetention.MostAtOnce} runs"))).OnlyForServices();
    }

    static Task<RunDetail> Read(ServiceDatabase database, string org, RunId run, TimeProvider time, CancellationToken stop) =>
        database.Read<ExecutorDb, RunDetail>(org, options => new(options), async db => RunDetail.Of(run,
            await db.Checkpoints.Where(x => x.OrgId == org && x.RunId == run.Value).OrderBy(x => x.Seq).ToListAsync(stop),
            await db.Attempts.Where(x => x.OrgId == org && x.RunId == run.Value).ToListAsync(stop),
            await db.Leases.FirstOrDefaultAsync(x => x.OrgId == org && x.RunId == run.Value, stop),
            time.GetUtcNow()), stop);
}
