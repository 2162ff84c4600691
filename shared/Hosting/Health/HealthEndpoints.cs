using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ReactorJobs.Hosting.Database;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Hosting.Health;

/// <summary>What every process says of its health: to load balancers and keepers without a token, to other services in full.</summary>
public static class HealthEndpoints
{
    public const string ReadyPath = "/health/ready";
    public const string InternalPath = "/internal/health";

    /// <param name="service">Whose connection tells whether the database answers.</param>
    public static void AddHealth(this IServiceCollection services, string service)
    {
        services.TryAddSingleton<Draining>();
        services.AddSingleton(provider => new HealthChecks(
            provider.GetRequiredKeyedService<ServiceDatabase>(service), provider.GetServices<HealthContribution>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetService<HealthElsewhere>()));
    }

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ReadyPath, Ready).AllowAnonymous();
        endpoints.MapGet("/health/live", Live).AllowAnonymous();
        endpoints.MapGet(InternalPath, async (HealthChecks checks) => Results.Json(await checks.Report())).OnlyForServices();
    }

    public static int StatusOf(HealthReport report) => report.CanServe ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    static async Task<IResult> Ready(HttpContext http, HealthChecks checks, Draining draining)
    {
        if (http.RequestServices.GetService<ProcessInstance>() is { } instance)
            http.Response.Headers[ProcessInstance.Header] = instance.Id;
        if (draining.HasBegun)
            return Results.Json(new StatusView("draining"), statusCode: StatusCodes.Status503ServiceUnavailable);
        var report = await checks.Report();
        return Results.Json(new StatusView(report.Status), statusCode: StatusOf(report));
    }

    /// <summary>Says only that the process answers: restarting it would not bring a database back.</summary>
    static IResult Live() => Results.Json(new StatusView(HealthContribution.Ok));

    sealed record StatusView(string Status);
}
