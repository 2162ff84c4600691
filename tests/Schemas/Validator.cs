using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using ReactorJobs.Executor.Functions;
using ReactorJobs.Hosting.Schemas;
using ReactorJobs.Scheduler;
using ReactorJobs.Scheduler.Jobs;

namespace ReactorJobs.Tests.Schemas;

/// <summary>What a validator that knows nothing of the suite makes of documents: <c>ajv</c>, in one process of node for all of them.</summary>
static class Validator
{
    // Far above what it takes; it only keeps a broken machine from hanging the test.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>All schemas that the suite publishes, under its defaults.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Published { get; } =
        JobSchemas.Names.Select(x => JobSchemas.Published(x, new SchedulerOptions())).Append(FunctionSchema.Published()).ToDictionary(x => x.Name, Parse);

    /// <summary>Of each document, whether the schema takes it.</summary>
    public static async Task<bool[]> Takes(string schema, IReadOnlyList<string> documents)
    {
        var sdk = Path.GetFullPath(Path.Combine(Folder(), "../../sdk/typescript"));
        if (!Directory.Exists(Path.Combine(sdk, "node_modules", "ajv")))
            await Run("npm", ["ci", "--no-audit", "--no-fund"], sdk, "");
        var schemas = new JsonObject(Published.Select(x => KeyValuePair.Create(x.Key, (JsonNode?)x.Value.DeepClone())));
        var input = new StringBuilder($$"""{"schemas": {{schemas.ToJsonString()}}, "schema": "{{schema}}", "documents": [{{string.Join(",\n", documents)}}]}""");
        var output = await Run("node", [Path.Combine(Folder(), "validate.mjs"), sdk], sdk, input.ToString());
        return [.. JsonNode.Parse(output)!.AsArray().Select(x => (bool)x!)];
    }

    static JsonObject Parse(PublishedSchema schema) => JsonNode.Parse(schema.Bytes)!.AsObject();

    static async Task<string> Run(string program, string[] arguments, string folder, string input)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        })!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}");
    }

    static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
