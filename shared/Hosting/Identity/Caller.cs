using Microsoft.AspNetCore.Http;

namespace ReactorJobs.Hosting.Identity;

/// <summary>Who makes a request, and the one org it is for.</summary>
public sealed record Caller(string OrgId, string Name);

/// <summary>Finds out who calls; throws a problem (401, 403) when that is nobody. One per host.</summary>
public delegate ValueTask<Caller> Authenticate(HttpContext http);

public static class CallerOfRequest
{
    static readonly object Key = new();

    public static Caller Caller(this HttpContext http) =>
        http.Items[Key] as Caller ?? throw new InvalidOperationException("This endpoint is anonymous: it has no caller.");

    internal static void SetCaller(this HttpContext http, Caller caller) => http.Items[Key] = caller;
}
