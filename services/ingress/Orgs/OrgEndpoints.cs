using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Ingress.Orgs;

static class OrgEndpoints
{
    public static void MapOrgs(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/internal/ingress/orgs", async (OrgRegister orgs, CancellationToken stop) => ApiJson.Answer(200, await orgs.All(stop))).OnlyForServices();
}
