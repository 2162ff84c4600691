using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Health;

namespace ReactorJobs.Ingress.Health;

/// <summary>The installation's health, for people and monitors; each process's own is beside it.</summary>
static class InstallationHealth
{
    public static void MapInstallationHealth(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/health", Health).AllowAnonymous();

    static async Task<IResult> Health(HttpContext http, HealthChecks checks)
    {
        var report = await checks.Report();
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(report, statusCode: HealthEndpoints.StatusOf(report));
    }
}
