using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Contracts;
using ReactorJobs.Hosting.Http;
using ReactorJobs.Hosting.Identity;

namespace ReactorJobs.Executor.Functions;

/// <summary>The job that a function brings in its bundle: the scheduler registers it under the function's name.</summary>
public sealed class FunctionJobs(InternalCalls calls)
{
    public Task Apply(string org, string function, RawJson job) => Send(org, function, job, check: false);

    /// <summary>Has it read, and changes nothing.</summary>
    public Task Check(string org, string function, RawJson job) => Send(org, function, job, check: true);

    async Task Send(string org, string function, RawJson job, bool check)
    {
        if (JsonNode.Parse(job.ToString()) is not JsonObject body)
            throw new ProblemException(Problem.Invalid("", "must be an object"));
        foreach (var own in (string[])["id", "name", "handler", "function_name", "functionName"])
            if (body.ContainsKey(own))
                throw new ProblemException(Problem.Invalid("/" + own, "must be left out: the job has the name of its function, and runs it"));
        body["name"] = function;
        body["handler"] = function;
        using var response = await calls.Send(HttpMethod.Post, calls.Scheduler, $"/internal/scheduler/orgs/{Uri.EscapeDataString(org)}/jobs{(check ? "?check=true" : "")}",
            JsonContent.Create(body), CancellationToken.None);
        if (!response.IsSuccessStatusCode)
            throw new ProblemException(await InternalProblem.Read(response, "scheduler"));
    }
}
