using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Hosting;

namespace ReactorJobs.Cli.Deploying;

/// <summary>A project's <c>jobs/manifest.json</c>. Whether it is right, the suite says; where, this does.</summary>
/// <param name="Shown">What messages call the file.</param>
/// <param name="Jobs">The jobs' ids, in its order.</param>
sealed record JobManifest(string Shown, JsonObject Body, JsonPlaces Places, IReadOnlyList<string> Jobs)
{
    public const string File = "jobs/manifest.json";

    public static JobManifest Read(string shown, string text)
    {
        var body = JsonInput.ParseObject(shown, text);
        return new JobManifest(shown, body, new JsonPlaces(text), [.. Entries(body).Select(x => Name(x.Job)).OfType<string>()]);
    }

    public ApiRefusal Refused(ApiRefusal refusal) => refusal.In(
        $"{Shown} is not applied{(refusal.Fields.Count == 1 ? "" : $", for {refusal.Fields.Count} reasons")}",
        error => new FieldError($"{Shown}:{Places.Of(error.Pointer)}", $"{error.Pointer} {error.Detail}".TrimStart()));

    /// <summary>Handlers that are one slip away from a function of the project. They may be a worker's all the same.</summary>
    public IEnumerable<string> Doubts(IReadOnlyList<string> functions)
    {
        foreach (var (pointer, job) in Entries(Body))
        {
            foreach (var field in new[] { "handler", "function_name", "functionName", "function" })
            {
                if (job.Text(field) is not { } handler || functions.Contains(handler)) continue;
                if (functions.Where(name => Spelling.Near(handler, name)).ToList() is { Count: > 0 } near)
                    yield return $"{Shown}:{Places.Of($"{pointer}/{field}")}: {handler} is no function of this project; did you mean {string.Join(" or ", near)}?";
            }
        }
    }

    /// <summary>A list of jobs, or one job alone. What is no job is left for the suite to refuse.</summary>
    static IEnumerable<(string Pointer, JsonElement Job)> Entries(JsonObject body)
    {
        var root = body.Deserialize<JsonElement>();
        if (root.Field("jobs") is null) return [("", root)];
        return root.Items("jobs").Select((job, i) => ($"/jobs/{i}", job));
    }

    static string? Name(JsonElement job) => job.Text("id") ?? job.Text("name");
}
