using System.Text.Json.Nodes;
using ReactorJobs.Executor.Bundles;
using ReactorJobs.Hosting.Schemas;

namespace ReactorJobs.Executor.Functions;

/// <summary>What <see cref="BundleManifest"/> reads, as a JSON Schema. It cannot say that a name is in <c>env</c> or <c>secrets</c>, not in both.</summary>
static class FunctionSchema
{
    public static PublishedSchema Published() => new("function.json", JsonSchema.Document("The settings of a function", JsonSchema.Object(
    [
        JsonSchema.Self,
        new("entry", JsonSchema.Text(), "The file that the function begins with; code/index.* or index.* when it is left out."),
        new("runtime", JsonSchema.OneOf(FunctionRuntime.Names), "What runs it."),
        new("network", JsonSchema.Boolean(), "False keeps it from the network."),
        new("env", Variables(new() { ["maxLength"] = FunctionVariables.MostBytes, ["pattern"] = "^[^\\u0000]*$" }), "Plain variables of its environment."),
        new("secrets", Variables(new() { ["pattern"] = $"^{FunctionVariables.VaultForm}$" }), "Variables of its environment that hold secrets, by the secrets' paths."),
        new("job", new() { ["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = "function-job.json" }, new JsonObject { ["type"] = "null" }) }, "The job that a promotion registers under the function's name."),
    ], nullable: false)));

    static JsonObject Variables(JsonObject value)
    {
        value["type"] = new JsonArray("string", "null");
        return new()
        {
            ["type"] = new JsonArray("object", "null"),
            ["maxProperties"] = FunctionVariables.Most,
            ["propertyNames"] = new JsonObject { ["pattern"] = $"^(?!{string.Join('|', FunctionVariables.Reserved)}){FunctionVariables.NameForm}$" },
            ["additionalProperties"] = value,
        };
    }
}
