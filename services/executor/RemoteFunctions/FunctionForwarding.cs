using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.RemoteFunctions;

/// <summary><c>/functions/v1</c> where functions run elsewhere: everything is asked there, in the name of the caller's org.</summary>
public sealed class FunctionForwarding(FunctionServer server, FunctionJobs jobs, FunctionOptions options)
{
    static readonly string[] Methods = ["GET", "POST", "PATCH", "DELETE"];

    // Of the connection, or of the caller's own standing.
    static readonly HashSet<string> Dropped = FunctionCalls.NotForwarded;

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapMethods("/functions/v1/{**path}", Methods, Forward);

    async Task Forward(HttpContext http, string path)
    {
        var org = http.Caller().OrgId;
        if (http.Request.ContentLength > options.Limits.CompressedBytes)
            throw new ProblemException(new(413, "payload_too_large", $"The body is larger than {options.Limits.CompressedBytes:N0} bytes."));
        try
        {
            using var request = Request(http, org);
            using var response = await server.Send(request, http.RequestAborted);
            if ((int)response.StatusCode is 401 or 403)
                throw new ProblemException(Problem.Unavailable($"The functions server refuses the key of this installation (jobs.functions.api_key), or has no org \"{org}\"."));
            if (response.IsSuccessStatusCode && Promoted(http, path) is { } function && await server.LiveJob(org, function, http.RequestAborted) is { } job)
                await jobs.Apply(org, function, job);
            await Answer(http, response);
        }
        catch (HttpRequestException) when (!http.Response.HasStarted)
        {
            throw new ProblemException(Problem.Unavailable("The functions server does not answer."));
        }
    }

    HttpRequestMessage Request(HttpContext http, string org)
    {
        // As it was sent: an escaped slash in a name is not one in the path.
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = server.Request(new(http.Request.Method), target.StartsWith('/') ? target : $"{http.Request.Path}{http.Request.QueryString}", org);
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
            request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers)
            if (!Dropped.Contains(name) && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        if (request.Content is { } content)
            content.Headers.ContentLength = http.Request.ContentLength;
        return request;
    }

    /// <summary>The job that a function brings is the business of the scheduler here, whoever runs the function.</summary>
    static string? Promoted(HttpContext http, string path) =>
        http.Request.Method == "POST" && path.Split('/') is ["_admin", "functions", .. var name, "promote"] ? HandlerName.InPath(string.Join('/', name)) : null;

    static async Task Answer(HttpContext http, HttpResponseMessage response)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
            if (!Dropped.Contains(name))
                http.Response.Headers.Append(name, values.ToArray());
        http.Response.ContentLength = response.Content.Headers.ContentLength;
        await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
