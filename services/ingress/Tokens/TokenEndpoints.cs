using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Ingress.Schema;

namespace ReactorJobs.Ingress.Tokens;

static class TokenEndpoints
{
    const string Root = "/jobs/v1/_admin/tokens";
    const string IdPrefix = "tok_";
    const int LongestName = 128;

    public static void MapTokens(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/jobs/v1/_admin/whoami", (HttpContext http) => ApiJson.Answer(200, new WhoamiView(http.Caller().OrgId, http.Caller().Name)));
        endpoints.MapPost(Root, Create);
        endpoints.MapGet(Root, List);
        endpoints.MapDelete(Root + "/{id}", Revoke);
    }

    /// <summary>The one answer that shows the token.</summary>
    static async Task<IResult> Create(HttpContext http, ServiceTokens tokens)
    {
        var fields = await RequestBody.ReadFields(http);
        var name = fields.String("name", required: true);
        if (name is not null && (name.Trim().Length == 0 || name.Length > LongestName || name.Any(char.IsControl)))
            fields.Wrong("name", $"must have 1 to {LongestName} characters, no control characters among them");
        fields.Done();
        var (row, token) = await tokens.Create(http.Caller().OrgId, name!, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return ApiJson.Answer(201, new NewTokenView(IdOf(row), row.Name, token, row.CreatedAt));
    }

    static async Task<IResult> List(HttpContext http, ServiceTokens tokens)
    {
        var rows = await tokens.List(http.Caller().OrgId, http.RequestAborted);
        return ApiJson.Answer(200, rows.ConvertAll(x => new TokenView(IdOf(x), x.Name, x.CreatedAt, x.RevokedAt)));
    }

    static async Task<IResult> Revoke(HttpContext http, string id, ServiceTokens tokens) =>
        Ulid.TryParse(IdPrefix, id, out var known) && await tokens.Revoke(http.Caller().OrgId, known, http.RequestAborted)
            ? Results.NoContent()
            : throw new ProblemException(Problem.NotFound("token", id));

    static string IdOf(TokenRow row) => Ulid.Format(IdPrefix, row.Id);

    sealed record WhoamiView(string Org, string Name);

    sealed record NewTokenView(string Id, string Name, string Token, DateTimeOffset CreatedAt);

    sealed record TokenView(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);
}
