using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.GroupCommit;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Functions;

/// <summary>What of an org's functions can be a job's handler, for the scheduler to tell a target from a mistake.</summary>
static class ExportEndpoints
{
    public static void MapExports(this IEndpointRouteBuilder endpoints, Func<string, CancellationToken, Task<string[]>> exports) =>
        endpoints.MapGet("/internal/executor/orgs/{org}/exports", async (string org, CancellationToken stop) =>
        {
            try
            {
                return ApiJson.Answer(200, await exports(org, stop));
            }
            catch (HttpRequestException exception)
            {
                throw new StoreUnavailable($"The installation that keeps the functions does not answer: {exception.Message}", exception);
            }
        }).OnlyForServices();
}
