using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Events.Sql;

static class SqlRoleEndpoints
{
    const string Root = "/jobs/v1/_admin/sql/roles";

    public static void MapSqlRoles(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Root, async (HttpContext http, SqlRoles roles) => ApiJson.Answer(200, await roles.List(http.Caller().OrgId, http.RequestAborted)));
        endpoints.MapPut(Root + "/{role}", Grant);
        endpoints.MapDelete(Root + "/{role}", Revoke);
    }

    /// <summary>Granting again changes nothing.</summary>
    static async Task<IResult> Grant(HttpContext http, string role, SqlRoles roles) =>
        await roles.Grant(http.Caller().OrgId, role, http.RequestAborted) switch
        {
            RoleGrant.Granted => Results.NoContent(),
            RoleGrant.TakenByAnotherOrg => throw new ProblemException(new(
                409, "role_taken", $"The database role \"{role}\" acts for another org. The owner of the database can let it act for both, with reactor_jobs.grant_org.")),
            _ => throw NotFound(role),
        };

    static async Task<IResult> Revoke(HttpContext http, string role, SqlRoles roles) =>
        await roles.Revoke(http.Caller().OrgId, role, http.RequestAborted) ? Results.NoContent() : throw NotFound(role);

    static ProblemException NotFound(string role) => new(Problem.NotFound("role", role));
}
