using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Functions;

/// <summary>The cron triggers that a function's code declares.</summary>
/// <param name="Exports">Of the same version: its own targets.</param>
/// <param name="Triggers">As the code gives them; null for none.</param>
public sealed record DeclaredTriggers(string Function, IReadOnlyList<string> Exports, RawJson? Triggers)
{
    /// <summary>A target of theirs is nothing. It may be a function that is yet to be deployed.</summary>
    public const string UnknownTarget = "handler_not_found";
}

/// <summary>Has the scheduler make what functions declare into triggers of their targets' jobs.</summary>
public sealed class FunctionTriggers(InternalCalls calls)
{
    /// <param name="check">Has them read, and changes nothing.</param>
    public async Task Apply(string org, string function, DeclaredTriggers declared, bool check)
    {
        var body = new JsonObject
        {
            ["exports"] = new JsonArray([.. Function.HandlersOf(function, declared.Exports).Select(x => JsonValue.Create(x))]),
            ["triggers"] = JsonNode.Parse((declared.Triggers ?? RawJson.Trusted("[]")).ToString()),
        };
        using var response = await calls.Send(
            HttpMethod.Post, calls.Scheduler, $"/internal/scheduler/orgs/{Uri.EscapeDataString(org)}/functions/{Uri.EscapeDataString(function)}/triggers{(check ? "?check=true" : "")}",
            JsonContent.Create(body), CancellationToken.None);
        if (!response.IsSuccessStatusCode)
            throw new ProblemException(await InternalProblem.Read(response, "scheduler"));
    }
}
