using System.CommandLine;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Jobs;

/// <summary>What <c>jobs create</c> takes: a file, options, or a file with some of it said otherwise by options.</summary>
sealed class JobDefinitionOptions
{
    readonly Option<string> function = new("--function") { Description = "The deployed function that runs it.", HelpName = "FUNCTION" };
    readonly Option<string> handler = new("--handler") { Description = "A connected worker's handler, or an http(s) address.", HelpName = "HANDLER" };
    readonly Option<int?> maxAttempts = new("--max-attempts") { Description = "Attempts before a run goes to the dead letters.", HelpName = "N" };
    readonly Option<string> timeout = new("--timeout") { Description = "Limit of one attempt: 30s, 10m, 1h.", HelpName = "DURATION" };
    readonly Option<int?> maxConcurrency = new("--max-concurrency") { Description = "Runs of this job at the same time.", HelpName = "N" };
    readonly Option<string> file = new("--file") { Description = "The job as JSON, - for stdin; options win over it.", HelpName = "job.json" };

    public Option[] Options => [function, handler, maxAttempts, timeout, maxConcurrency, file];

    public async Task<JsonObject> Read(ParseResult given, string? name, Session session, CancellationToken ct)
    {
        var body = given.GetValue(file) switch
        {
            null => [],
            "-" => JsonInput.ParseObject("standard input", await session.Terminal.ReadToEnd(ct)),
            var path => JsonInput.ParseObjectOfFile(path, await session.FileText(path, ct)),
        };
        if (name is not null) Set(body, "name", name);
        if (given.GetValue(function) is { } functionName) Set(body, "function_name", functionName, instead: "handler");
        if (given.GetValue(handler) is { } handlerName) Set(body, "handler", handlerName, instead: "function_name");
        if (given.GetValue(timeout) is { } limit) Set(body, "timeout_ms", (long)Durations.Option("--timeout", limit).TotalMilliseconds);
        if (given.GetValue(maxConcurrency) is { } runs) Set(body, "max_concurrency", runs);
        if (given.GetValue(maxAttempts) is { } attempts) SetAttempts(body, attempts);

        if (given.GetValue(function) is not null && given.GetValue(handler) is not null)
            throw Failure.Usage("--function and --handler exclude each other");
        if (!Has(body, "name") && !Has(body, "id")) throw Failure.Usage("a job needs a name", "reactor jobs create NAME --function FUNCTION");
        if (given.GetValue(file) is null && !Has(body, "function_name") && !Has(body, "handler"))
            throw Failure.Usage("say what runs the job: --function FUNCTION (deployed), or --handler HANDLER (a worker's, or an http(s) address)");
        return body;
    }

    static void SetAttempts(JsonObject body, int attempts)
    {
        // `retries` is the other spelling of the same number (retries: n means n + 1 attempts): both at once would contradict.
        Remove(body, "retries");
        var key = Key(body, "retry") ?? "retry";
        if (body[key] is not JsonObject retry) body[key] = retry = [];
        Set(retry, "max_attempts", attempts);
    }

    /// <summary>The API takes <c>snake_case</c> and <c>camelCase</c>: an option replaces the field in whichever spelling the file has it.</summary>
    static void Set(JsonObject body, string field, JsonNode value, string? instead = null)
    {
        if (instead is not null) Remove(body, instead);
        Remove(body, field);
        body[field] = value;
    }

    static bool Has(JsonObject body, string field) => Key(body, field) is not null;

    static void Remove(JsonObject body, string field)
    {
        while (Key(body, field) is { } key) body.Remove(key);
    }

    static string? Key(JsonObject body, string field)
    {
        var plain = field.Replace("_", "", StringComparison.Ordinal);
        return body.Select(f => f.Key).FirstOrDefault(key =>
            key.Replace("_", "", StringComparison.Ordinal).Equals(plain, StringComparison.OrdinalIgnoreCase));
    }
}
