using System.Text.Json;
using System.Text.Json.Nodes;
using ReactorJobs.Cli.Functions;
using ReactorJobs.Cli.Output;

namespace ReactorJobs.Cli.Deploying;

/// <summary>
/// What this folder deployed where, so that what has not changed is not sent and built again. The suite knows a version by what it has built,
/// this by what was sent; both must still hold. A lost or foreign record costs an upload, and nothing else.
/// </summary>
sealed class DeployedBefore
{
    readonly string file;
    readonly JsonObject all;
    readonly string suite;

    /// <param name="suite">The address and the org that the record is about.</param>
    public DeployedBefore(string project, string suite)
    {
        (file, this.suite) = (Path.Combine(project, ".reactor", "deployed.json"), suite);
        all = Load(file);
    }

    /// <summary>Whether the live version was made of these very files.</summary>
    public bool Holds(FunctionSource source, JsonElement function)
    {
        var known = all[suite]?[source.Name].Deserialize<JsonElement>() ?? default;
        return known.Text("sources") == source.Bundle.Sha256
            && known.Text("version") is { } version && function.Text("live_version") == version
            && function.Items("versions").Any(x => x.Text("version") == version && x.Text("sha256") == known.Text("sha256"));
    }

    public void Keep(FunctionSource source, JsonElement deployed)
    {
        if (all[suite] is not JsonObject functions) all[suite] = functions = [];
        functions[source.Name] = new JsonObject
        {
            ["sources"] = source.Bundle.Sha256,
            ["version"] = (int?)deployed.Number("version"),
            ["sha256"] = deployed.Text("sha256"),
        };
    }

    public void Save()
    {
        try
        {
            var folder = Path.GetDirectoryName(file)!;
            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, ".gitignore"), "*\n");
            }
            File.WriteAllText(file, all.ToJsonString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written to can be deployed all the same: the next time sends everything again.
        }
    }

    static JsonObject Load(string file)
    {
        try
        {
            // An object of objects of objects, or of no use: a shape that does not hold is the same as no record.
            if (JsonNode.Parse(File.ReadAllText(file)) is JsonObject found
                && found.All(suite => suite.Value is JsonObject functions && functions.All(function => function.Value is JsonObject))) return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            // As above.
        }
        return [];
    }
}
