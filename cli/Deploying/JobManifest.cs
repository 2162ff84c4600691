using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Connection;
using ReactorJobs.Cli.Output;
using ReactorJobs.Hosting;
using ReactorJobs.Hosting.Http;

namespace ReactorJobs.Cli.Deploying;

/// <summary>A project's <c>jobs/manifest.json</c>. Whether it is right, the suite says; where, this does.</summary>
/// <param name="Shown">What messages call the file.</param>
/// <param name="Jobs">The jobs' ids, in its order.</param>
sealed record JobManifest(string Shown, string Text, JsonObject Body, IReadOnlyList<string> Jobs)
{
    public const string File = "jobs/manifest.json";

    public static JobManifest Read(string shown, string text)
    {
        var body = JsonInput.ParseObjectOfFile(shown, text);
        return new JobManifest(shown, text, body, [.. Entries(body).Select(x => Name(x.Job)).OfType<string>()]);
    }

    public ApiRefusal Refused(ApiRefusal refusal)
    {
        var places = Places(refusal.Fields.Select(x => x.Pointer));
        return refusal.In(
            $"{Shown} is not applied{(refusal.Fields.Count == 1 ? "" : $", for {refusal.Fields.Count} reasons")}",
            error => new FieldError($"{Shown}:{places.Of(error.Pointer)}", $"{error.Pointer} {error.Detail}".TrimStart()));
    }

    /// <summary>Handlers that are one slip away from a function of the project. They may be a worker's all the same.</summary>
    public IEnumerable<string> Doubts(IReadOnlyList<string> functions)
    {
        foreach (var (_, handler, place) in Handlers())
        {
            if (functions.Contains(handler) || functions.Contains(FunctionOf(handler))) continue;
            if (functions.Where(name => Spelling.Near(handler, name)).ToList() is { Count: > 0 } near)
                yield return $"{place}: {handler} is no function of this project; did you mean {string.Join(" or ", near)}?";
        }
    }

    /// <summary>Whose export a handler such as <c>function:export</c> is.</summary>
    public static string FunctionOf(string handler) => handler.LastIndexOf(':') is > 0 and var colon ? handler[..colon] : handler;

    /// <summary>Which handlers it names for which jobs, and where.</summary>
    public IEnumerable<(string? Job, string Handler, string Place)> Handlers() =>
        from entry in Entries(Body)
        from field in new[] { "handler", "function_name", "functionName", "function" }
        let handler = entry.Job.Text(field)
        where handler is not null
        let at = $"{entry.Pointer}/{field}"
        select (Name(entry.Job), handler, $"{Shown}:{Places([at]).Of(at)}");

    /// <summary>A list of jobs, or one job alone. What is no job is left for the suite to refuse.</summary>
    static IEnumerable<(string Pointer, JsonElement Job)> Entries(JsonObject body)
    {
        var root = body.Deserialize<JsonElement>();
        if (root.Field("jobs") is null) return [("", root)];
        return root.Items("jobs").Select((job, i) => ($"/jobs/{i}", job));
    }

    JsonPlaces Places(IEnumerable<string> pointers) => new(Encoding.UTF8.GetBytes(Text), pointers);

    static string? Name(JsonElement job) => job.Text("id") ?? job.Text("name");
}
