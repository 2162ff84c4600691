using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Hosting.Identity;

/// <summary>
/// Who calls a service that is not the ingress: the ingress has found it out and says so in headers, which count only beside the secret that
/// services share.
/// </summary>
public static class ForwardedCaller
{
    /// <summary>From outside it chooses an org, and the ingress checks it; from the ingress it is the caller's org.</summary>
    public const string OrgHeader = "X-Reactor-Org";

    /// <summary>The caller's name, percent-encoded: it may have any characters.</summary>
    public const string CallerHeader = "X-Reactor-Caller";

    /// <summary>What only the ingress may say: it takes them out of every request that it forwards.</summary>
    public static readonly IReadOnlyList<string> Headers = [InternalCalls.Header, OrgHeader, CallerHeader];

    /// <summary>The <see cref="Identity.Authenticate"/> of a service behind the ingress.</summary>
    public static ValueTask<Caller> Authenticate(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (!http.RequestServices.GetRequiredService<InternalCalls>().Admits(http) || headers[OrgHeader].ToString() is not { Length: > 0 } org)
            throw new ProblemException(new(401, "unauthorized", "The request does not come from the ingress: send it there, with a service token of your org."));
        var name = Uri.UnescapeDataString(headers[CallerHeader].ToString());
        // What follows may pass the request's headers on, to functions and other installations: the secret must not go with them.
        foreach (var header in Headers)
            headers.Remove(header);
        return ValueTask.FromResult(new Caller(org, name));
    }

    /// <summary>Says who calls, in a request that the ingress sends on.</summary>
    public static void Say(HttpRequestMessage request, Caller caller, InternalCalls calls)
    {
        request.Headers.Add(InternalCalls.Header, calls.Secret);
        request.Headers.Add(OrgHeader, caller.OrgId);
        request.Headers.Add(CallerHeader, Uri.EscapeDataString(caller.Name));
    }
}
