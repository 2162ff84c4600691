using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ReactorJobs.Executor.Runtime;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Functions;

/// <summary>Plain requests to functions: no run, no retries, no steps; the caller waits for the answer.</summary>
public sealed class FunctionCalls(FunctionFleet fleet, TimeProvider time)
{
    /// <summary>A request that takes longer is what jobs are for.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>Comes with the attempt of a job that another installation runs: it hangs up when the attempt's time is over.</summary>
    const string AttemptHeader = "Reactor-Callback-Token";

    // What belongs to the connection, or to the suite, is not the function's.
    internal static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Connection", "Content-Length", "Cookie", "Expect", "Host", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        InternalCalls.Header, ForwardedCaller.OrgHeader, ForwardedCaller.CallerHeader,
    };

    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/functions/v1/{name}", Call).Accepts<object>("application/json").Produces(200).ProducesProblem(404).ProducesProblem(502).ProducesProblem(504);

    async Task Call(HttpContext http, string name)
    {
        var (org, function) = (http.Caller().OrgId, HandlerName.InPath(name));
        var body = await RequestBody.ReadBytes(http, Limits.BodyBytes);
        var headers = http.Request.Headers.Where(x => !NotForwarded.Contains(x.Key)).Select(x => (x.Key, x.Value.ToString())).ToArray();
        var started = time.GetTimestamp();
        using var patience = new CancellationTokenSource(http.Request.Headers.ContainsKey(AttemptHeader) ? Timeout.InfiniteTimeSpan : Longest, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, http.RequestAborted);
        FunctionAnswer answer;
        try
        {
            answer = await fleet.Invoke(org, function, new(http.Request.Method, $"{http.Request.Path}{http.Request.QueryString}", headers, body), stop.Token);
        }
        catch (FunctionFailure failure)
        {
            throw new ProblemException(failure.Error.Code == "function_not_deployed"
                ? new(409, "function_not_deployed", failure.Message)
                : new(502, "function_failed", $"{failure.Error.Name}: {failure.Message}"));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new ProblemException(new(504, "function_timeout", $"The function \"{function}\" did not answer within {Longest.TotalSeconds:0} s; what takes longer is a job's work."));
        }

        http.Response.StatusCode = answer.Status;
        foreach (var (header, value) in answer.Headers)
            if (!NotForwarded.Contains(header))
                http.Response.Headers.Append(header, value);
        http.Response.Headers["X-Reactor-Function"] = function;
        http.Response.Headers["X-Reactor-Cold-Start"] = answer.ColdStart ? "true" : "false";
        http.Response.Headers["X-Reactor-Duration-Ms"] = ((long)time.GetElapsedTime(started).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }
}
