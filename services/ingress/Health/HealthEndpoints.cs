using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Health;

namespace ReactorJobs.Ingress.Health;

static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health", Health).AllowAnonymous();
        endpoints.MapGet("/health/ready", Ready).AllowAnonymous();
        // Says only that the process answers: restarting it would not bring a database back.
        endpoints.MapGet("/health/live", () => Results.Json(new StatusView(HealthContribution.Ok))).AllowAnonymous();
    }

    static async Task<IResult> Health(HttpContext http, HealthChecks checks)
    {
        var report = await checks.Report();
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(report, statusCode: StatusOf(report));
    }

    static async Task<IResult> Ready(HealthChecks checks)
    {
        var report = await checks.Report();
        return Results.Json(new StatusView(report.Status), statusCode: StatusOf(report));
    }

    static int StatusOf(HealthReport report) => report.CanServe ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    sealed record StatusView(string Status);
}
