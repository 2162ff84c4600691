using Microsoft.AspNetCore.Http;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;
using ReactorJobs.Ingress.RateLimits;

namespace ReactorJobs.Ingress.Tokens;

/// <summary>Who calls, by the service token of the request; WebSocket upgrades are requests like any other.</summary>
public sealed class TokenAuthentication(ServiceTokens tokens, OrgRateLimits limits)
{
    public async ValueTask<Caller> Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            throw Unauthorized("The request has no token: send \"Authorization: Bearer <token>\" with a service token of your org.");
        if (!TokenText.TryReadBearer(header, out var token))
            throw Unauthorized("The Authorization header cannot be read: it must be \"Bearer <token>\" with a service token, which begins with rjs_.");
        var caller = await tokens.CallerOf(TokenText.Hash(token), http.RequestAborted)
            ?? throw Unauthorized("The token is not known, or it was revoked: use another one, or ask your operator for a new one.");

        // Any other org is refused before anything is looked up: whether it exists shows neither in the answer nor in its time.
        var org = http.Request.Headers[ForwardedCaller.OrgHeader].ToString();
        if (org.Length > 0 && org != caller.OrgId)
            throw new ProblemException(new(403, "forbidden", $"The token does not give access to the org that {ForwardedCaller.OrgHeader} names: leave the header out, or use a token of that org."));
        limits.Admit(caller.OrgId, http);
        return caller;
    }

    static ProblemException Unauthorized(string detail) =>
        new(new(401, "unauthorized", detail) { Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Bearer" } });
}
